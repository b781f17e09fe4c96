"""What the gate is told about one intended call; a verdict follows from these facts and the rules alone."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo
from enum import StrEnum
from operator import attrgetter
from types import MappingProxyType

from baitie.domain.risk.civil import next_boundary
from baitie.domain.risk.fact_codec import (
    EXAMPLE_CALLEE,
    FactCodec,
    as_it_is,
    codecs_of,
    fact,
    flag,
    instants,
    row,
    rows,
    text,
    texts,
    windows,
    word,
    words,
)
from baitie.domain.risk.history import CalleeHistory, Freeze, PastAttempt, Refusal
from baitie.domain.risk.standing import (
    CalleeRole,
    ComplaintFact,
    ConsentChannel,
    ConsentFact,
    ContentFact,
    LineClass,
    PreferenceFact,
    QualificationFact,
    RegistryFact,
    SeriesBasis,
    SeriesFact,
    ShareFact,
)
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JsonValue
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.kernel.time import Window, local

CALLS_IN_FLIGHT_MAX = 1000


class GateStage(StrEnum):
    """When the gate is asked (校验时机): while planning the attempt, or in the instant before its INVITE."""

    PLAN = "plan"
    RING = "ring"


@dataclass(frozen=True, slots=True)
class CallFacts:
    """Call facts (校验依据): all that a verdict may depend on, collected by the app.

    `zones` are the callee's possible time zones: every one of them must allow. Empty means unknown, and then
    each rule that needs a wall clock goes by its `fail_direction`. `region` is ISO 3166-1 alpha-2; where it is
    unknown the rules of every jurisdiction apply. `civil_now` is aware. `calls_in_flight` counts the other
    attempts to this callee at this moment, of any campaign. `is_on_allow_list` is `None` where the campaign has
    no allow-list. `campaign_windows` are the hours of the campaign on the callee's wall clock; empty means that
    the campaign adds no hours of its own.

    The rest is optional; where it is `None` nobody knows, and each rule that asks goes by its `fail_direction`:
    `campaign_id`, `presented` (E.164 of the number that will be shown) and `debt_key` narrow caps and cool-downs;
    `line_classes` are those of every number that may be presented. `consents` is `None` where no register of
    consents is kept; an empty one is silence, and silence is refusal. A share that `shares` lacks is unknown.
    `registries` are the copies of registries of refused calls that are held; `qualifications` is `None` where the
    enterprise keeps none on file. `suspended` are the numbers that may be presented, where all of them are suspended.
    `language` (BCP 47) is that of card and call. `trade` is what the campaign declares to be about, in kebab-case.
    `preference` is `None` where the callee wished nothing; `cards_sent` are the newest
    cards sent to this callee. `series` is what the callee ordered or agreed to, of which the call is a part; `segment`
    is that of the lead where some rule names it, in small letters, such as `office` or `freelance`.
    """

    callee_id: CalleeId = field(
        metadata=fact(
            "callee", write=None, read=lambda found, kept: kept.callee_id, example=lambda case: EXAMPLE_CALLEE
        )
    )
    number_class: NumberClass = field(metadata=word("number_class", NumberClass, plain=NumberClass.MOBILE))
    region: str | None = field(
        metadata=fact(
            "region",
            write=None,
            read=as_it_is,
            example=lambda case: case.table.optional("region", str) or case.region,
        )
    )
    zones: tuple[tzinfo, ...] = field(
        metadata=fact(
            "zones",
            write=lambda found: [*map(str, found)],
            read=lambda found, kept: tuple(map(kept.zone_of, found)),
            example=lambda case: (case.zone,) if case.is_zone_known else (),
        )
    )
    purpose: Purpose = field(metadata=word("purpose", Purpose, plain=Purpose.CARE))
    civil_now: datetime = field(
        metadata=fact(
            "at",
            write=datetime.isoformat,
            read=lambda found, kept: datetime.fromisoformat(found),
            example=lambda case: case.now,
        )
    )
    history: CalleeHistory = field(
        default_factory=CalleeHistory,
        metadata=fact(
            "history",
            write=CalleeHistory.to_json,
            read=lambda found, kept: CalleeHistory.from_json(found),
            example=lambda case: CalleeHistory(case.rows("history", PastAttempt.of_example)),
        ),
    )
    refusals: tuple[Refusal, ...] = field(default=(), metadata=rows("refusals", Refusal, in_example="refused"))
    freezes: tuple[Freeze, ...] = field(
        default=(),
        metadata=fact(
            "freezes",
            write=lambda found: [*map(Freeze.to_json, found)],
            read=lambda found, kept: tuple([Freeze.from_json(each, kept) for each in found]),
            example=lambda case: tuple([Freeze.until(at, case) for at in case.instants("frozen_until")]),
        ),
    )
    calls_in_flight: int = field(
        default=0,
        metadata=fact(
            "calls_in_flight",
            write=None,
            read=as_it_is,
            example=lambda case: case.table.count_or_none("calls_in_flight", 0, CALLS_IN_FLIGHT_MAX) or 0,
        ),
    )
    is_on_allow_list: bool | None = field(default=None, metadata=flag("is_on_allow_list"))
    campaign_windows: tuple[Window, ...] = field(default=(), metadata=windows("windows", in_example="campaign_windows"))
    stage: GateStage = field(
        default=GateStage.PLAN,
        metadata=fact(
            "stage",
            write=attrgetter("value"),
            read=lambda found, kept: GateStage(found),
            example=lambda case: GateStage.PLAN,
        ),
    )
    campaign_id: str | None = field(default=None, metadata=text("campaign"))
    presented: str | None = field(default=None, metadata=text("presented"))
    debt_key: str | None = field(default=None, metadata=text("debt"))
    callee_role: CalleeRole | None = field(default=None, metadata=word("callee_role", CalleeRole))
    line_classes: frozenset[LineClass] | None = field(default=None, metadata=words("line_classes", LineClass))
    consents: tuple[ConsentFact, ...] | None = field(
        default=None, metadata=rows("consents", ConsentFact, may_be_none=True)
    )
    complaints: tuple[ComplaintFact, ...] = field(
        default=(),
        metadata=fact(
            "complaints",
            write=lambda found: [*map(ComplaintFact.to_json, found)],
            read=lambda found, kept: tuple([ComplaintFact.from_json(each, kept) for each in found]),
            example=lambda case: tuple(map(ComplaintFact, case.instants("complaints"))),
        ),
    )
    shares: tuple[ShareFact, ...] = field(default=(), metadata=rows("shares", ShareFact))
    content: ContentFact | None = field(default=None, metadata=row("content", ContentFact))
    preference: PreferenceFact | None = field(default=None, metadata=row("preference", PreferenceFact))
    cards_sent: tuple[datetime, ...] = field(default=(), metadata=instants("cards_sent"))
    registries: tuple[RegistryFact, ...] = field(default=(), metadata=rows("registries", RegistryFact))
    qualifications: tuple[QualificationFact, ...] | None = field(
        default=None, metadata=rows("qualifications", QualificationFact, may_be_none=True)
    )
    suspended: tuple[str, ...] = field(default=(), metadata=texts("suspended"))
    language: str | None = field(default=None, metadata=text("language"))
    trade: str | None = field(default=None, metadata=text("trade"))
    series: SeriesFact | None = field(default=None, metadata=row("series", SeriesFact, is_left_out=True))
    segment: str | None = field(default=None, metadata=text("segment", is_left_out=True))

    @property
    def series_key(self) -> str | None:
        """The series that the call may be counted to: what was ordered, or what a consent to calls still covers."""
        if self.series is None or self.series.basis is SeriesBasis.ORDERED:
            return None if self.series is None else self.series.key
        covered = any(
            consent.purpose is self.purpose
            and consent.channel is ConsentChannel.VOICE
            and consent.granted_at <= self.civil_now
            and (consent.withdrawn_at is None or consent.withdrawn_at > self.civil_now)
            and (consent.expires_at is None or consent.expires_at > self.civil_now)
            for consent in self.consents or ()
        )
        return self.series.key if covered else None


FACT_CODECS: Mapping[str, FactCodec] = MappingProxyType(codecs_of(CallFacts))
"""How each fact is kept and made up, by its name; a fact without it fails here."""


class Moment:
    """Moment (时刻): an instant, and what the wall clocks of the callee's zones show then, read once for all rules."""

    __slots__ = ("_boundaries", "_shown", "at", "clocks", "points", "walls", "zones")

    def __init__(self, at: datetime, zones: tuple[tzinfo, ...]) -> None:
        self.at = at
        self.zones = zones
        self.walls = [local(at, zone) for zone in zones]
        self.clocks = [wall.time() for wall in self.walls]
        self._shown: dict[int, dict[str, JsonValue]] = {}
        self._boundaries: dict[tuple[int, tuple[time, ...]], datetime] = {}
        self.points: dict[Hashable, tuple[float, float]] = {}
        """What was counted for the facts that are judged at this moment, by how it was weighed."""

    def shown(self, place: int) -> dict[str, JsonValue]:
        """What the wall clock of the zone at this place shows, for people. Not to be changed by the caller."""
        shown = self._shown.get(place)
        if shown is None:
            local_time, zone = self.clocks[place].isoformat("seconds"), str(self.walls[place].tzinfo)
            shown = self._shown[place] = {"local_time": local_time, "zone": zone}
        return shown

    def next_boundary(self, passed: tuple[time, ...], applies: Callable[[datetime], bool]) -> datetime | None:
        """`civil.next_boundary` of the zones whose wall clocks `applies` to: the last of them, or none.

        Whoever asks objects at this moment, so that a single zone is one to which it applies.
        """
        last: datetime | None = None
        is_single = len(self.walls) == 1
        for place, wall in enumerate(self.walls):
            if is_single or applies(wall):
                boundary = self._boundaries.get((place, passed))
                if boundary is None:
                    boundary = self._boundaries[place, passed] = next_boundary(self.at, wall, passed)
                last = boundary if last is None or boundary > last else last
        return last
