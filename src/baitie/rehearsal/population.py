"""The simulated population: remembers who got a card, and plans what each call and message meets."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from baitie.kernel.time import Instant
from baitie.rehearsal.people import (
    MISSED,
    CallBackPlan,
    CallPlan,
    MessagePlan,
    chance_for,
    plan_call,
    plan_call_back,
    plan_message,
)
from baitie.rehearsal.profile import Profile

CARD_REMEMBERED_S = 900.0
"""A card that came longer ago is not connected with the ring any more (assumed)."""


@dataclass(slots=True)
class Population:
    """People (人群) behind telephone numbers in E.164. The same seed meets the same events in the same way."""

    profile: Profile
    seed: int
    segments: Mapping[str, str] = field(default_factory=dict)
    _calls: Counter[str] = field(default_factory=Counter)
    _messages: Counter[str] = field(default_factory=Counter)
    _card_at: dict[str, Instant] = field(default_factory=dict)

    def on_call(self, number: str, hour_of_week: int, now: Instant) -> CallPlan:
        """An INVITE for this number arrived."""
        self._calls[number] += 1
        card_at = self._card_at.pop(number, None)
        has_card = card_at is not None and now - card_at <= CARD_REMEMBERED_S
        rng = chance_for(self.seed, number, "call", self._calls[number])
        return plan_call(
            self.profile,
            self.segments.get(number, ""),
            hour_of_week,
            has_card,
            rng,
            self.profile.drift.answer_odds(now),
        )

    def on_call_over(self, number: str, plan: CallPlan) -> CallBackPlan | None:
        """A call to this number is over: whether its callee rings back."""
        if plan.reaction not in MISSED:
            return None  # before chance is made, which costs more than the rest
        rng = chance_for(self.seed, number, "call-back", self._calls[number])
        return plan_call_back(self.profile, plan.reaction, rng)

    def on_message(self, number: str) -> MessagePlan:
        """A message for this number was submitted."""
        self._messages[number] += 1
        rng = chance_for(self.seed, number, "message", self._messages[number])
        return plan_message(self.profile.messages, rng)

    def show_card(self, number: str, now: Instant) -> None:
        """The handset shows the card."""
        self._card_at[number] = now
