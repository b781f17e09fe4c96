"""What the gate is told about one intended call; a verdict follows from these facts and the rules alone."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo
from enum import StrEnum

from baitie.domain.risk.civil import next_boundary
from baitie.domain.risk.history import CalleeHistory, Freeze, Refusal
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

    callee_id: CalleeId
    number_class: NumberClass
    region: str | None
    zones: tuple[tzinfo, ...]
    purpose: Purpose
    civil_now: datetime
    history: CalleeHistory = field(default_factory=CalleeHistory)
    refusals: tuple[Refusal, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    calls_in_flight: int = 0
    is_on_allow_list: bool | None = None
    campaign_windows: tuple[Window, ...] = ()
    stage: GateStage = GateStage.PLAN
    campaign_id: str | None = None
    presented: str | None = None
    debt_key: str | None = None
    callee_role: CalleeRole | None = None
    line_classes: frozenset[LineClass] | None = None
    consents: tuple[ConsentFact, ...] | None = None
    complaints: tuple[ComplaintFact, ...] = ()
    shares: tuple[ShareFact, ...] = ()
    content: ContentFact | None = None
    preference: PreferenceFact | None = None
    cards_sent: tuple[datetime, ...] = ()
    registries: tuple[RegistryFact, ...] = ()
    qualifications: tuple[QualificationFact, ...] | None = None
    suspended: tuple[str, ...] = ()
    language: str | None = None
    trade: str | None = None
    series: SeriesFact | None = None
    segment: str | None = None

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
