"""Asks the gate: collects the facts about one callee and hands them to the rules."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from baitie.app.campaign.campaign import Campaign
from baitie.app.gate.call_facts import AskedCall, call_facts
from baitie.app.gate.list_facts import ListFacts
from baitie.app.ports.clock import Clock, ZoneTable
from baitie.app.ports.run_store import RunStore
from baitie.domain.consent.requests import CalleeRequest
from baitie.domain.risk.facts import CallFacts, GateStage
from baitie.domain.risk.facts_json import facts_to_json
from baitie.domain.risk.history import Refusal
from baitie.domain.risk.standing import ShareFact
from baitie.domain.risk.verdict import Verdict
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JsonValue
from baitie.kernel.records import CalleeRecord, LeadRecord


def _no_wish(callee_id: CalleeId) -> CalleeRequest | None:
    return None


def on_record(verdict: Verdict, facts: CallFacts) -> dict[str, JsonValue]:
    """What the journal keeps of a verdict: itself, and the facts from which anybody can compute it again."""
    return {"verdict": verdict.to_json(), "verdict_facts": facts_to_json(facts)}


@dataclass(slots=True)
class Gate:
    """The gate (合规校验) of one campaign."""

    campaign: Campaign
    store: RunStore
    clock: Clock
    zones: ZoneTable
    calls_in_flight: Callable[[CalleeId], int]
    shares: Callable[[], Sequence[ShareFact]] = tuple
    wish_of: Callable[[CalleeId], CalleeRequest | None] = _no_wish  # to be called back, while it is being honoured
    held_of: Callable[[CalleeId], tuple[Refusal, ...]] | None = None  # refusals that the store could not keep
    list_facts: ListFacts = field(init=False)

    def __post_init__(self) -> None:
        self.list_facts = ListFacts(self.campaign, self.store)

    def ask(
        self, callee: CalleeRecord, stage: GateStage, *, own_calls: int = 0, lead: LeadRecord | None = None
    ) -> Verdict:
        """What the rules say of calling this person now. `own_calls` of those in flight are the asker's."""
        return self.campaign.rules.judge(self.facts(callee, stage, own_calls=own_calls, lead=lead))

    def facts(
        self,
        callee: CalleeRecord,
        stage: GateStage,
        *,
        own_calls: int = 0,
        presented: str | None = None,
        lead: LeadRecord | None = None,
    ) -> CallFacts:
        """The facts of this instant: the store is read, so that what other processes wrote counts at once.

        `presented` is the number that this very call shows, once it is chosen.
        """
        standing = self.store.standing(callee.callee_id)
        if self.held_of is not None and (held := self.held_of(callee.callee_id)):
            standing = replace(standing, refusals=(*standing.refusals, *held))
        call = AskedCall(
            self.campaign,
            callee,
            self.zones,
            self.clock.civil_now(),
            standing,
            stage=stage,
            calls_in_flight=self.calls_in_flight(callee.callee_id) - own_calls,
            presented=presented,
            lead=lead,
            shares=self.shares(),
            request=self.wish_of(callee.callee_id),
            lists=self.list_facts,
        )
        return call_facts(call)
