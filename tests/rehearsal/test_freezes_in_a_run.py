"""Under the shipped rules whoever rejects three calls of a day, or of a week, is frozen in the very run."""

import tomllib
from collections import Counter
from datetime import timedelta

import pytest
from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, PACKAGE, TEN_IN_SHANGHAI, World, campaign, fill

from baitie.bootstrap.report_freezes import advice_lines, freeze_lines, frozen_of
from baitie.domain.dialing.policy import DialingPolicy, RetryRule
from baitie.files.rule_files import verdict_texts
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JournalKind
from baitie.kernel.outcome import Outcome
from baitie.kernel.purpose import Purpose
from baitie.locale.catalogue import LANGUAGES
from baitie.rehearsal.profile import Profile, parse_profile

COUNT = 12


def people_who_reject() -> Profile:
    """Nobody answers, and all press the red key."""
    path = PACKAGE / "rehearsal" / "profiles" / "cn-callback.toml"
    table = tomllib.loads(path.read_text())
    table["answer"]["rate_by_hour"] = [0.0] * 24
    fates = ("no_answer", "busy", "powered_off", "unallocated", "unreachable", "voicemail")
    table["not_answered"] |= {**dict.fromkeys(fates, 0.0), "rejected": 1.0}
    table["messages"]["opt_out_reply_rate"] = 0.0
    return parse_profile(table, path.name)


def notice(hours: int) -> World:
    """A notice that is tried again some hours after each rejected call, three times in all."""
    store = MemoryStore()
    fill(store, COUNT)
    again = {Outcome.REJECTED: RetryRule(wait_s=hours * 3600, attempts_max=3)}
    policy = DialingPolicy(ring_timeout_s=20, retries=again)
    chosen = campaign(purpose=Purpose.INFORMATION, policy=policy, idle_wait_max_s=48 * 3600)
    return World(store, chosen, people=people_who_reject())


def frozen_by(world: World) -> dict[str, timedelta]:
    """By rule how long it froze; frozen are all who rejected three calls."""
    entries = [entry for _, entry in world.store.journal(CAMPAIGN_ID)]
    ended = [entry for entry in entries if entry.kind is JournalKind.ATTEMPT_ENDED]
    rejected = Counter(entry.callee_id for entry in ended if entry.facts["outcome"] == Outcome.REJECTED.value)
    frozen = {entry.callee_id for entry in entries if entry.kind is JournalKind.CALLEE_FROZEN}
    assert {callee_id for callee_id, count in rejected.items() if count == 3} <= frozen
    assert len(frozen) > COUNT // 2
    freezes = [freeze for callee_id in frozen for freeze in world.store.standing(CalleeId(callee_id or "")).freezes]
    return {freeze.rule_id: freeze.frozen_until - freeze.at for freeze in freezes}


def test_three_rejected_calls_of_one_day_freeze_for_a_week() -> None:
    world = notice(hours=3)
    world.run()
    assert frozen_by(world) == {"ADVICE-FREEZE": timedelta(days=7)}


def test_three_rejected_calls_of_three_days_freeze_for_three_days() -> None:
    world = notice(hours=24)
    world.run()
    assert frozen_by(world) == {"ADVICE-FREEZE-WEEK": timedelta(days=3)}
    assert world.clock.civil_now() - TEN_IN_SHANGHAI < timedelta(days=4)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_report_lists_who_was_frozen_and_what_was_advised_against(lang: str) -> None:
    world = notice(hours=3)
    world.run()
    state = world.store.campaign_state(CAMPAIGN_ID)
    assert state is not None
    journal = world.store.journal(CAMPAIGN_ID)
    frozen = {entry.callee_id for _, entry in journal if entry.kind is JournalKind.CALLEE_FROZEN}
    lines = freeze_lines(frozen_of(world.store, state.leads), state.callees, lang)
    assert len(lines) == len(frozen)
    assert {(line.rule_id, line.frozen_until - line.frozen_at) for line in lines} == {
        ("ADVICE-FREEZE", timedelta(days=7))
    }
    assert {line.reason for line in lines} == {verdict_texts(lang).word("freeze_reason", "rejected-and-short")}
    assert all("*" in line.number for line in lines)
    advised = {line.rule_id: line for line in advice_lines(journal, lang)}
    assert advised["ADVICE-FREEZE"].callees >= len(frozen)  # each was warned of before its last rejection
    assert advised["ADVICE-FATIGUE"].callees > 0
    said = advised["ADVICE-LUNCH"].sentence
    assert {"zh": "不宜呼叫", "en": "not advised"}[lang] in said
    assert {"zh": "禁呼", "en": "prohibited"}[lang] not in said
