"""The simulated population: remembers cards and rings, and plans what each call and message meets."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from baitie.kernel.time import Instant
from baitie.rehearsal.carrier_habits import CarrierHabits, Refusal
from baitie.rehearsal.complaining import NO_COMPLAINTS
from baitie.rehearsal.listening import HeardFlow, answering_on
from baitie.rehearsal.people import (
    MISSED,
    REFUSED_BY_CARRIER,
    RINGS_NOT,
    CallBackPlan,
    CallPlan,
    MessagePlan,
    Reaction,
    chance_for,
    complains_after_s,
    meeting_lasts_s,
    plan_call,
    plan_call_back,
    plan_call_in_meeting,
    plan_message,
)
from baitie.rehearsal.profile import Profile
from baitie.rehearsal.traits import (
    EVEN_TEMPERED,
    NO_FATIGUE,
    TraitFactors,
    fatigue_odds,
    is_working_hour,
    temperament_of,
)

CARD_REMEMBERED_S = 900.0
"""A card that came longer ago is not connected with the ring any more (assumed)."""

_PLAN_OF_REFUSAL = {
    Refusal.CONGESTED: CallPlan(Reaction.CONGESTED, 0.1, 0.0),
    Refusal.NUMBER_BARRED: CallPlan(Reaction.NUMBER_BARRED, 0.1, 0.0),
}


@dataclass(slots=True)
class Population:
    """People (模拟客户) behind telephone numbers in E.164. The same seed meets the same events in the same way."""

    profile: Profile
    seed: int
    segments: Mapping[str, str] = field(default_factory=dict)
    flow: HeardFlow | None = None  # what they hear; None: they answer one question
    carrier: CarrierHabits = field(init=False)
    on_complaint: Callable[[str, str, float], None] = field(default=lambda number, attempt, after_s: None)
    _calls: Counter[str] = field(default_factory=Counter)
    _messages: Counter[str] = field(default_factory=Counter)
    _card_at: dict[str, Instant] = field(default_factory=dict)
    _rang_at: dict[str, list[float]] = field(default_factory=dict)
    _meets_until: dict[str, float] = field(default_factory=dict)
    _people: dict[str, TraitFactors] = field(default_factory=dict)
    _has_fatigue: bool = field(init=False)
    _has_complaints: bool = field(init=False)

    def __post_init__(self) -> None:
        self.carrier = CarrierHabits(self.profile.carrier, partial(_chance_of_label, self.seed))
        self._has_fatigue = self.profile.fatigue != NO_FATIGUE
        self._has_complaints = self.profile.complaints != NO_COMPLAINTS

    def on_call(self, number: str, hour_of_week: int, now: Instant, presented: str = "") -> CallPlan:
        """An INVITE for this number arrived, which shows the presented one."""
        self._calls[number] += 1
        refusal = self.carrier.refuses(presented, now)
        if refusal is not None:
            return _PLAN_OF_REFUSAL[refusal]
        plan = self._answering_on(self._met(number, hour_of_week, now, presented), number)
        if self._has_fatigue and plan.reaction not in RINGS_NOT:
            self._rang_at.setdefault(number, []).append(now)
        return plan

    def on_call_over(self, number: str, plan: CallPlan, attempt: str = "") -> CallBackPlan | None:
        """A call to this number is over: whether its callee rings back. Complaints go to `on_complaint`."""
        if plan.reaction not in REFUSED_BY_CARRIER:
            self.carrier.over()
        if self._has_complaints:
            rng = chance_for(self.seed, number, "complaint", self._calls[number])
            after_s = complains_after_s(self.profile, plan, rng)
            if after_s is not None:
                self.on_complaint(number, attempt, after_s)
        if plan.reaction not in MISSED:
            return None  # before chance is made, which costs more than the rest
        rng = chance_for(self.seed, number, "call-back", self._calls[number])
        back = plan_call_back(self.profile, plan.reaction, rng)
        return None if back is None else replace(back, then=self._answering_on(back.then, number))

    def on_dialler_gone(self) -> None:
        """Whoever placed the calls that are under way has died, and they end without a word."""
        self.carrier.all_over()

    def on_message(self, number: str) -> MessagePlan:
        """A message for this number was submitted."""
        self._messages[number] += 1
        rng = chance_for(self.seed, number, "message", self._messages[number])
        return plan_message(self.profile.messages, rng)

    def show_card(self, number: str, now: Instant) -> None:
        """The handset shows the card."""
        self._card_at[number] = now

    def who(self, number: str) -> TraitFactors:
        """Who answers at this number."""
        if not self.profile.traits:
            return EVEN_TEMPERED
        found = self._people.get(number)
        if found is None:
            rng = chance_for(self.seed, number, "person", 1)
            found = self._people[number] = temperament_of(self.profile.traits, number, rng)
        return found

    def _met(self, number: str, hour_of_week: int, now: Instant, presented: str) -> CallPlan:
        card_at = self._card_at.pop(number, None)
        has_card = card_at is not None and now - card_at <= CARD_REMEMBERED_S
        if self._is_in_meeting(number, hour_of_week, now):
            return plan_call_in_meeting(self.profile, chance_for(self.seed, number, "in-meeting", self._calls[number]))
        world_odds = self.profile.drift.answer_odds(now) * self.carrier.label_odds(presented, now)
        if self._has_fatigue:
            world_odds *= fatigue_odds(self.profile.fatigue, self._rang_at.get(number, ()), now)
        rng = chance_for(self.seed, number, "call", self._calls[number])
        segment = self.segments.get(number, "")
        return plan_call(self.profile, segment, hour_of_week, has_card, rng, world_odds, self.who(number))

    def _answering_on(self, plan: CallPlan, number: str) -> CallPlan:
        if self.flow is None or not plan.keys or not self.flow.has_later_questions:
            return plan
        rng = chance_for(self.seed, number, "later-answers", self._calls[number])
        return answering_on(plan, self.flow, self.profile.keys, rng)

    def _is_in_meeting(self, number: str, hour_of_week: int, now: Instant) -> bool:
        """Whoever is in a meeting stays there until it is over."""
        meetings = self.profile.meetings
        if not meetings.met_rate or not is_working_hour(hour_of_week):
            return False
        if now < self._meets_until.get(number, 0.0):
            return True
        rng = chance_for(self.seed, number, "meeting", self._calls[number])
        if rng.random() >= meetings.met_rate:
            return False
        self._meets_until[number] = now + meeting_lasts_s(meetings, rng)
        return True


def _chance_of_label(seed: int, presented: str, nth: int) -> random.Random:
    return chance_for(seed, presented, "label", nth)
