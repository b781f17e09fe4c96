"""Simulated people (模拟用户): what one of them does with one call or one message. Pure: chance is handed in."""

import hashlib
import math
import random
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from baitie.rehearsal.profile import SHARES, MessageProfile, Profile
from baitie.rehearsal.traits import EVEN_TEMPERED, MeetingProfile, TraitFactors


class Reaction(StrEnum):
    """Reaction (反应) of the callee's side to a call."""

    ANSWER = "answer"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    POWERED_OFF = "powered_off"
    UNALLOCATED = "unallocated"
    UNREACHABLE = "unreachable"
    VOICEMAIL = "voicemail"
    ASSISTANT = "assistant"  # a machine that takes the call and asks what it is about
    CONGESTED = "congested"  # the carrier has no room
    NUMBER_BARRED = "number_barred"  # the carrier carries no more calls of the presented number


MACHINES = frozenset({Reaction.VOICEMAIL, Reaction.ASSISTANT})
ANSWERS = MACHINES | {Reaction.ANSWER}
REFUSED_BY_CARRIER = frozenset({Reaction.CONGESTED, Reaction.NUMBER_BARRED})
RINGS_NOT = REFUSED_BY_CARRIER | {
    Reaction.BUSY,
    Reaction.POWERED_OFF,
    Reaction.UNALLOCATED,
    Reaction.UNREACHABLE,
}
"""What is refused before anything rings."""


@dataclass(frozen=True, slots=True)
class CallPlan:
    """Call plan (通话安排), in seconds: ring from the INVITE on, the rest from the answer on."""

    reaction: Reaction
    setup_s: float
    ring_s: float
    keys: tuple[tuple[float, str], ...] = ()
    hang_up_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class CallBackPlan:
    """Call-back plan (回拨安排): so long after the missed call; `then` as a call, from our answer on."""

    after_s: float
    is_withheld: bool
    then: CallPlan


MISSED = frozenset({Reaction.NO_ANSWER, Reaction.BUSY})
"""What leaves a missed call on the handset, or a message of the carrier about one."""


class MessageFate(StrEnum):
    """Fate (命运) of one message."""

    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    NO_RECEIPT = "no_receipt"
    REFUSED = "refused"
    THROTTLED = "throttled"


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """Message plan (短信安排). `arrives` says whether the handset shows it, receipt or not."""

    fate: MessageFate
    latency_s: float
    receipt_after_s: float
    is_doubled: bool
    arrives: bool
    opt_out_after_s: float | None = None  # the callee answers the card so long after seeing it


OPT_OUT_REPLIES = ("TD", "退订", "R", "stop")


def opt_out_reply(number: str) -> str:
    """What this person writes to be left alone."""
    return OPT_OUT_REPLIES[int(number[-1]) % len(OPT_OUT_REPLIES)]


def chance_for(seed: int, number: str, kind: str, nth: int) -> random.Random:
    """A source of chance for the n-th event of this kind at this number: the same in whatever order things happen."""
    digest = hashlib.sha256(f"{seed}/{number}/{kind}/{nth}".encode()).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))


def hours_since_monday(at: datetime) -> int:
    """The hour of the week, 0 to 167, on the clock of `at`."""
    return at.weekday() * 24 + at.hour


def plan_call(
    profile: Profile,
    segment: str,
    hour_of_week: int,
    has_card: bool,
    rng: random.Random,
    world_odds: float = 1.0,
    who: TraitFactors = EVEN_TEMPERED,
) -> CallPlan:
    """What one call meets: in this hour of the week, for a callee of this segment, with or without a card before.

    `world_odds` is the factor on the odds of an answer by which the world has changed: drift, fatigue, labels.
    """
    answer, others = profile.answer, profile.not_answered
    setup_s = _log_normal(others.setup_median_s, 0.4, rng)
    rate = answer.rate_by_hour[hour_of_week % 24]
    odds = rate / (1 - rate) * answer.segment_odds.get(segment, 1.0) * (answer.card_odds if has_card else 1.0)
    odds *= answer.weekday_odds[hour_of_week // 24] * world_odds * who.answer_odds
    if rng.random() < odds / (1 + odds):
        return _answering(profile, setup_s, rng, who)
    reaction = Reaction(_choose({share: getattr(others, share) for share in SHARES}, rng) or "no_answer")
    assistants = profile.assistants
    if reaction in _LEFT_TO_ASSISTANTS and assistants.taken_rate and rng.random() < assistants.taken_rate:
        return CallPlan(Reaction.ASSISTANT, setup_s, assistants.ring_s, hang_up_after_s=assistants.stays_s)
    match reaction:
        case Reaction.NO_ANSWER:
            return CallPlan(reaction, setup_s, others.no_answer_ring_s)
        case Reaction.REJECTED:
            return CallPlan(reaction, setup_s, _log_normal(others.reject_ring_median_s, 0.4, rng))
        case Reaction.VOICEMAIL:
            return CallPlan(reaction, setup_s, others.voicemail_ring_s)
        case _:
            return CallPlan(reaction, setup_s, 0.0)


_LEFT_TO_ASSISTANTS = frozenset({Reaction.NO_ANSWER, Reaction.REJECTED})


def meeting_lasts_s(meetings: MeetingProfile, rng: random.Random) -> float:
    """How long the rest of a meeting lasts into which a call comes."""
    return _log_normal(meetings.lasts_median_s, meetings.lasts_sigma, rng)


def plan_call_in_meeting(profile: Profile, rng: random.Random) -> CallPlan:
    """What a call meets that comes into a meeting: somebody who says so in a few words, or rejects."""
    setup_s = _log_normal(profile.not_answered.setup_median_s, 0.4, rng)
    ring_s = _log_normal(profile.not_answered.reject_ring_median_s, 0.4, rng)
    if rng.random() < profile.meetings.taken_rate:
        return CallPlan(Reaction.ANSWER, setup_s, ring_s, hang_up_after_s=profile.meetings.says_so_s)
    return CallPlan(Reaction.REJECTED, setup_s, ring_s)


def plan_call_back(profile: Profile, missed: Reaction, rng: random.Random) -> CallBackPlan | None:
    """Whether and how the callee of a call that was not answered rings back; most do not."""
    habits = profile.calling_back
    if missed not in MISSED or rng.random() >= habits.missed_rate:
        return None
    after_s = _log_normal(habits.after_median_s, habits.after_sigma, rng)
    is_withheld = rng.random() < habits.withheld_rate
    return CallBackPlan(after_s, is_withheld, _answering(profile, 0.0, rng))


def complains_after_s(profile: Profile, plan: CallPlan, rng: random.Random) -> float | None:
    """Whether somebody complains of a call, and after how many seconds it reaches the enterprise; most do not."""
    habits = profile.complaints
    rate = habits.answered_rate if plan.reaction is Reaction.ANSWER else habits.missed_rate
    if plan.reaction in RINGS_NOT or rng.random() >= rate:
        return None
    return 3600.0 * _log_normal(habits.after_median_h, habits.after_sigma, rng)


def plan_message(profile: MessageProfile, rng: random.Random) -> MessagePlan:
    """What one message meets."""
    latency_s = _log_normal(profile.submit_latency_median_s, 0.5, rng)
    receipt_after_s = _log_normal(profile.receipt_median_s, profile.receipt_sigma, rng)
    is_doubled = rng.random() < profile.doubled_receipt_rate
    fate = _choose(
        {
            MessageFate.REFUSED: profile.refused_rate,
            MessageFate.THROTTLED: profile.throttled_rate,
            MessageFate.UNDELIVERED: profile.undelivered_rate,
            MessageFate.NO_RECEIPT: profile.lost_receipt_rate,
        },
        rng,
    )
    fate = MessageFate(fate) if fate is not None else MessageFate.DELIVERED
    arrives = fate is MessageFate.DELIVERED or (fate is MessageFate.NO_RECEIPT and rng.random() < 0.5)
    has_enough = rng.random() < profile.opt_out_reply_rate
    reply_after_s = _log_normal(profile.opt_out_reply_after_s, 0.5, rng)
    opt_out_after_s = reply_after_s if arrives and has_enough else None
    return MessagePlan(fate, latency_s, receipt_after_s, is_doubled, arrives, opt_out_after_s)


def _answering(profile: Profile, setup_s: float, rng: random.Random, who: TraitFactors = EVEN_TEMPERED) -> CallPlan:
    answer, keys = profile.answer, profile.keys
    ring_s = _log_normal(answer.ring_median_s, answer.ring_sigma, rng)
    if rng.random() < _times_odds(answer.early_hang_up_rate, who.early_hang_up_odds):
        return CallPlan(
            Reaction.ANSWER, setup_s, ring_s, hang_up_after_s=_log_normal(answer.early_hang_up_median_s, 0.5, rng)
        )
    key = _choose(dict(keys.rates), rng)
    if key is None:
        patience_s = who.patience_factor * _log_normal(keys.silent_hang_up_median_s, 0.3, rng)
        return CallPlan(Reaction.ANSWER, setup_s, ring_s, hang_up_after_s=patience_s)
    pressed_s = _log_normal(keys.press_after_median_s, keys.press_after_sigma, rng)
    return CallPlan(Reaction.ANSWER, setup_s, ring_s, ((pressed_s, key),), pressed_s + keys.hang_up_after_key_s)


def _times_odds(share: float, factor: float) -> float:
    """The share whose odds are so many times those of this one."""
    return share if share >= 1.0 else share * factor / (1 - share + share * factor)


def _log_normal(median: float, sigma: float, rng: random.Random) -> float:
    return median * math.exp(sigma * rng.gauss(0.0, 1.0))


def _choose(shares: dict[str, float] | dict[MessageFate, float], rng: random.Random) -> str | None:
    left = rng.random()
    for name, share in shares.items():
        left -= share
        if left < 0:
            return str(name)
    return None
