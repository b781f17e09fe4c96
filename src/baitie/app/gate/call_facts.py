"""Builds the facts of a call: one table says of each where it comes from, for a run and for `why` and `check`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from baitie.app.campaign.campaign import Campaign
from baitie.app.gate.callee_facts import STANDING_FACTS, with_request
from baitie.app.gate.list_facts import ListFacts
from baitie.app.ports.clock import ZoneTable
from baitie.app.records.standing import CalleeStanding
from baitie.domain.consent.requests import CalleeRequest
from baitie.domain.risk.facts import FACT_CODECS, CallFacts, GateStage
from baitie.domain.risk.standing import ShareFact
from baitie.kernel.records import CalleeRecord, LeadRecord


@dataclass(frozen=True, slots=True)
class AskedCall:
    """Call that the gate is asked about (待校验呼叫): all that its facts are built from.

    `presented` is the number that this very call shows, once it is chosen; `lists` is None where no store has any.
    """

    campaign: Campaign
    callee: CalleeRecord
    zones: ZoneTable
    civil_now: datetime
    standing: CalleeStanding
    stage: GateStage = GateStage.PLAN
    calls_in_flight: int = 0
    presented: str | None = None
    lead: LeadRecord | None = None
    shares: Sequence[ShareFact] = ()
    request: CalleeRequest | None = None
    lists: ListFacts | None = None


_Built = Callable[[AskedCall], Any]


def _is_on_allow_list(call: AskedCall) -> bool | None:
    allowed = call.campaign.allow_list
    return None if allowed is None else call.callee.number in allowed


def _of_standing(read: Callable[[CalleeStanding], Any], call: AskedCall) -> Any:
    return read(call.standing)


def complete(built: Mapping[str, _Built], facts: Iterable[str]) -> Mapping[str, _Built]:
    """The table in the order of the facts. Raises TypeError where it says too little or too much: a fact that nobody
    builds would stay unknown, and each rule that fails open would let every call pass."""
    names = [*facts]
    if (differing := {*names} ^ built.keys()) != set():
        raise TypeError(f"facts that nobody builds, or that are none: {sorted(differing)}")
    return MappingProxyType({name: built[name] for name in names})


_BUILT = complete(
    {
        "callee_id": lambda call: call.callee.callee_id,
        "number_class": lambda call: call.callee.number_class,
        "region": lambda call: call.callee.region,
        "zones": lambda call: call.zones(call.callee.zone_names),
        "purpose": lambda call: call.campaign.purpose,
        "civil_now": lambda call: call.civil_now,
        "calls_in_flight": lambda call: call.calls_in_flight,
        "is_on_allow_list": _is_on_allow_list,
        "campaign_windows": lambda call: call.campaign.windows,
        "stage": lambda call: call.stage,
        "campaign_id": lambda call: call.campaign.campaign_id,
        "presented": lambda call: call.presented or call.campaign.presented_if_single,
        "debt_key": lambda call: None,  # no list names debts: rules that count by debt go by their fail direction
        "callee_role": lambda call: call.campaign.callee_role,
        "line_classes": lambda call: call.campaign.line_classes,
        "content": lambda call: call.campaign.content,
        "language": lambda call: call.campaign.language,
        "trade": lambda call: call.campaign.trade,
        "series": lambda call: None if call.lead is None else call.campaign.series_of(call.lead),
        "segment": lambda call: None if call.lead is None else call.campaign.segment_of(call.lead),
        "shares": lambda call: tuple(call.shares),
        "suspended": lambda call: () if call.lists is None else call.lists.suspended(call.callee, call.presented),
        "registries": lambda call: () if call.lists is None else call.lists.registries(call.callee),
        "qualifications": lambda call: None if call.lists is None else call.lists.qualifications(call.callee),
        **{name: partial(_of_standing, read) for name, read in STANDING_FACTS.items()},
    },
    FACT_CODECS,
)
_BUILDERS = tuple(_BUILT.values())


def call_facts(call: AskedCall) -> CallFacts:
    """What the gate is told of this call, with what the callee asked for by request."""
    return with_request(CallFacts(*[build(call) for build in _BUILDERS]), call.standing, call.request)
