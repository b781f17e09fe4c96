"""Profiles (客户画像): every parameter of the simulated people and of their message centre, read from one file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from baitie.rehearsal.carrier_habits import BEARS_ALL, CarrierProfile
from baitie.rehearsal.complaining import NO_COMPLAINTS, ComplaintProfile
from baitie.rehearsal.drift import NO_DRIFT, DriftProfile, DriftStep
from baitie.rehearsal.profile_fields import ProfileError, build, build_over, table_of
from baitie.rehearsal.traits import (
    NO_ASSISTANTS,
    NO_FATIGUE,
    NO_MEETINGS,
    AssistantProfile,
    FatigueProfile,
    MeetingProfile,
    Trait,
    parse_traits,
)
from baitie.rehearsal.wire.impairments import QUIET_WAY, Impairments

__all__ = ["Profile", "ProfileError", "parse_profile"]

DRIFT_STEPS_MAX = 100
SHARES = ("no_answer", "busy", "rejected", "powered_off", "unallocated", "unreachable", "voicemail")


@dataclass(frozen=True, slots=True)
class AnswerProfile:
    """Who answers, and how soon (接听)."""

    rate_by_hour: tuple[float, ...]
    card_odds: float
    ring_median_s: float
    ring_sigma: float
    early_hang_up_rate: float
    early_hang_up_median_s: float
    segment_odds: Mapping[str, float]
    weekday_odds: tuple[float, ...]  # of seven days, Monday first


@dataclass(frozen=True, slots=True)
class NotAnsweredProfile:
    """What happens to calls that nobody answers (未接)."""

    no_answer: float
    busy: float
    rejected: float
    powered_off: float
    unallocated: float
    unreachable: float
    voicemail: float
    no_answer_ring_s: float
    reject_ring_median_s: float
    voicemail_ring_s: float
    setup_median_s: float


@dataclass(frozen=True, slots=True)
class KeyProfile:
    """Which keys people press, and when (按键)."""

    press_after_median_s: float
    press_after_sigma: float
    silent_hang_up_median_s: float
    hang_up_after_key_s: float
    rates: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class MessageProfile:
    """How the message centre behaves (短信中心)."""

    submit_latency_median_s: float
    receipt_median_s: float
    receipt_sigma: float
    lost_receipt_rate: float
    undelivered_rate: float
    refused_rate: float
    throttled_rate: float
    doubled_receipt_rate: float
    opt_out_reply_rate: float
    opt_out_reply_after_s: float


@dataclass(frozen=True, slots=True)
class CallingBackProfile:
    """Who rings back after a missed call, and how they behave (回拨). A profile without it knows nobody who does."""

    missed_rate: float  # of calls that rang out, or met an engaged telephone
    after_median_s: float
    after_sigma: float
    withheld_rate: float  # of those who ring back: hide their number


NOBODY_CALLS_BACK = CallingBackProfile(0.0, 10.0, 0.5, 0.0)


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """How agents work, and how people speak with them (坐席). Every default is assumed."""

    log_in_spread_s: float = 120.0  # the shift begins for each agent at a random time within this
    accept_median_s: float = 0.25  # from the offer to being on the line
    accept_sigma: float = 0.3
    declined_rate: float = 0.0  # offers that an agent declines
    talk_median_s: float = 83.6  # of the reference world; mean 119 s
    talk_sigma: float = 0.845
    callee_ends_rate: float = 0.6  # talks that the callee ends
    callee_refusal_rate: float = 0.01  # talks in which the callee says: do not call me again
    machine_noticed_s: float = 6.0  # an agent hears a mailbox for so long before hanging up
    wrap_up_median_s: float = 17.0
    wrap_up_sigma: float = 0.5
    preview_median_s: float = 12.0
    preview_sigma: float = 0.5
    skipped_rate: float = 0.05  # leads that an agent skips in preview
    breaks_per_h: float = 0.5
    break_median_s: float = 420.0
    break_sigma: float = 0.4
    vanishes_per_h: float = 0.0  # losses of the connection, per agent
    returns_after_median_s: float = 300.0
    returns_after_sigma: float = 0.5
    silence_borne_median_s: float = 4.0  # a callee who hears nothing hangs up after that
    silence_borne_sigma: float = 0.4


@dataclass(frozen=True, slots=True)
class Profile:
    """Profile (客户画像) of simulated people."""

    name: str
    answer: AnswerProfile
    not_answered: NotAnsweredProfile
    keys: KeyProfile
    messages: MessageProfile
    calling_back: CallingBackProfile = NOBODY_CALLS_BACK
    agents: AgentProfile = AgentProfile()
    drift: DriftProfile = NO_DRIFT
    network: Impairments = QUIET_WAY
    traits: tuple[Trait, ...] = ()
    fatigue: FatigueProfile = NO_FATIGUE
    meetings: MeetingProfile = NO_MEETINGS
    assistants: AssistantProfile = NO_ASSISTANTS
    carrier: CarrierProfile = BEARS_ALL
    complaints: ComplaintProfile = NO_COMPLAINTS


ALIKE_ALL_WEEK = [1.0] * 7

_SHARES = frozenset(SHARES)


def parse_profile(data: Mapping[str, Any], file: str) -> Profile:
    """The profile of a parsed TOML file. Raises ProfileError naming file and field."""
    answer = dict(table_of(data, "answer", file))
    answer.setdefault("weekday_odds", ALIKE_ALL_WEEK)
    for name in ("rate_by_hour", "weekday_odds"):
        answer[name] = tuple(answer[name]) if isinstance(answer.get(name), list) else answer.get(name, ())
    keys = dict(table_of(data, "keys", file))
    keys["rates"] = {key: keys.pop(key) for key in list(keys) if len(key) == 1}
    profile = Profile(
        name=str(data.get("name", file)),
        answer=build(AnswerProfile, answer, "answer", file),
        not_answered=build(
            NotAnsweredProfile, table_of(data, "not_answered", file), "not_answered", file, shares=_SHARES
        ),
        keys=build(KeyProfile, keys, "keys", file),
        messages=build(MessageProfile, table_of(data, "messages", file), "messages", file),
        calling_back=build(CallingBackProfile, table_of(data, "calling_back", file), "calling_back", file)
        if "calling_back" in data
        else NOBODY_CALLS_BACK,
        agents=build_over(AgentProfile(), data, "agents", file),
        drift=_drift(data, file),
        network=build_over(QUIET_WAY, data, "network", file),
        traits=parse_traits(data, file),
        fatigue=build_over(NO_FATIGUE, data, "fatigue", file),
        meetings=build_over(NO_MEETINGS, data, "meetings", file),
        assistants=build_over(NO_ASSISTANTS, data, "assistants", file),
        carrier=build_over(BEARS_ALL, data, "carrier", file),
        complaints=build_over(NO_COMPLAINTS, data, "complaints", file),
    )
    _check(profile, file)
    return profile


_DEFAULT_DRIFT = {**asdict(NO_DRIFT), "steps": ()}
_DEFAULT_STEP = {"answer_odds": 1.0, "talk_factor": 1.0}


def _drift(data: Mapping[str, Any], file: str) -> DriftProfile:
    if "drift" not in data:
        return NO_DRIFT
    said = dict(table_of(data, "drift", file))
    steps = said.pop("steps", [])
    if not isinstance(steps, list) or len(steps) > DRIFT_STEPS_MAX:
        raise ProfileError(f"{file}: [drift] steps is no list of at most {DRIFT_STEPS_MAX} tables [[drift.steps]].")
    built = [_step(step, file) for step in steps]
    drift = build(DriftProfile, {**_DEFAULT_DRIFT, **said}, "drift", file)
    return replace(drift, steps=tuple(sorted(built, key=lambda step: step.at_h)))


def _step(step: object, file: str) -> DriftStep:
    if not isinstance(step, Mapping):
        raise ProfileError(f"{file}: [drift] steps is no list of tables [[drift.steps]].")
    return build(DriftStep, {**_DEFAULT_STEP, **step}, "drift.steps", file)


def _check(profile: Profile, file: str) -> None:
    if len(profile.answer.rate_by_hour) != 24:
        raise ProfileError(f"{file}: [answer] rate_by_hour needs 24 shares, one for each hour.")
    if len(profile.answer.weekday_odds) != 7:
        raise ProfileError(f"{file}: [answer] weekday_odds needs 7 factors, Monday first.")
    total = sum(getattr(profile.not_answered, share) for share in SHARES)
    if abs(total - 1) > 1e-6:
        raise ProfileError(f"{file}: [not_answered] the shares add up to {total:.3f}, not to 1.")
    if sum(profile.keys.rates.values()) > 1 + 1e-9:
        raise ProfileError(f"{file}: [keys] the shares of the keys add up to more than 1.")
