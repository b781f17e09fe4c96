"""From a run's journal alone, every verdict is computed again, byte for byte."""

import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, World, campaign, fill

from baitie.app.calling.campaign_run import CampaignRun
from baitie.app.records.batch import Batch
from baitie.domain.risk.facts_json import facts_from_json, facts_to_json
from baitie.domain.risk.history import Refusal, RefusalChannel
from baitie.domain.risk.rulebook import RuleBook
from baitie.domain.risk.verdict import Decision
from baitie.kernel.journal import JournalKind, canonical_bytes


def verdicts(store: MemoryStore) -> Iterator[tuple[JournalKind, dict[str, Any], dict[str, Any]]]:
    """Each verdict with the facts beside it, as they come back out of the canonical bytes."""
    for seq, entry in store.journal(CAMPAIGN_ID):
        kept = json.loads(canonical_bytes(seq, entry))["facts"]
        if "verdict" in kept:
            yield entry.kind, kept["verdict"], kept["verdict_facts"]


def as_text(body: Any) -> str:
    return json.dumps(body, sort_keys=True, ensure_ascii=False)


def replay(rules: RuleBook, facts: dict[str, Any]) -> str:
    return as_text(rules.judge(facts_from_json(facts, ZoneInfo)).to_json())


def refuse_some(world: World, run: CampaignRun) -> None:
    def refuse() -> None:
        people = [attempt.callee_id for attempt in world.store.attempts(CAMPAIGN_ID)][-5:]
        now = world.clock.civil_now()
        refusals = [Refusal(callee_id, now, RefusalChannel.PAGE, "tester") for callee_id in people]
        world.store.record_refusal_or_freeze(Batch(refusals=refusals))

    world.clock.loop.call_later(1.0, refuse)


def test_every_verdict_of_a_run_is_computed_again_from_its_journal() -> None:
    store = MemoryStore()
    fill(store, 80)
    world = World(store, campaign=campaign(idle_wait_max_s=30 * 3600), meddle=refuse_some)
    world.run()
    seen: set[tuple[str, str]] = set()
    for kind, verdict, facts in verdicts(store):
        assert as_text(verdict) == replay(world.campaign.rules, facts)
        assert as_text(facts) == as_text(facts_to_json(facts_from_json(facts, ZoneInfo)))
        seen.add((facts["stage"], verdict["decision"]))
        assert (kind is JournalKind.ATTEMPT_PLANNED) <= (verdict["decision"] == Decision.ALLOW)
    assert seen >= {("plan", "allow"), ("plan", "delay"), ("ring", "allow"), ("ring", "deny")}


def test_every_invite_has_an_allowing_verdict_of_its_instant_in_the_journal() -> None:
    store = MemoryStore()
    fill(store, 60)
    World(store).run()
    entries = [entry for _, entry in store.journal(CAMPAIGN_ID)]
    invited = {e.attempt_id: e.at for e in entries if e.kind is JournalKind.INVITE_SENT}
    allowed = {e.attempt_id: e.facts for e in entries if e.kind is JournalKind.RING_ALLOWED}
    assert invited
    for attempt_id, at in invited.items():
        verdict, facts = allowed[attempt_id]["verdict"], allowed[attempt_id]["verdict_facts"]
        assert isinstance(verdict, dict)
        assert isinstance(facts, dict)
        assert (verdict["decision"], facts["stage"]) == ("allow", "ring")
        assert verdict["at"] == facts["at"] == at.isoformat()
