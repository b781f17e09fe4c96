"""Profiles (人群画像): every parameter of the simulated people and of their message centre, read from one file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from math import inf
from typing import Any, TypeVar

from baitie.kernel.errors import InputError
from baitie.rehearsal.drift import NO_DRIFT, DriftProfile, DriftStep
from baitie.rehearsal.wire.impairments import QUIET_WAY, Impairments

DRIFT_STEPS_MAX = 100
SHARES = ("no_answer", "busy", "rejected", "powered_off", "unallocated", "unreachable", "voicemail")


class ProfileError(InputError):
    """The profile of simulated people cannot be used. Mend the field that the message names."""

    code = "profile-invalid"


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
    """Profile (人群画像) of simulated people."""

    name: str
    answer: AnswerProfile
    not_answered: NotAnsweredProfile
    keys: KeyProfile
    messages: MessageProfile
    calling_back: CallingBackProfile = NOBODY_CALLS_BACK
    agents: AgentProfile = AgentProfile()
    drift: DriftProfile = NO_DRIFT
    network: Impairments = QUIET_WAY


P = TypeVar("P")

ALIKE_ALL_WEEK = [1.0] * 7

_MANY: Mapping[str, type] = {
    "steps": tuple,
    "rate_by_hour": tuple,
    "weekday_odds": tuple,
    "segment_odds": Mapping,
    "rates": Mapping,
}
_SHARED_OUT = {"rate_by_hour", "rates", *SHARES}


def parse_profile(data: Mapping[str, Any], file: str) -> Profile:
    """The profile of a parsed TOML file. Raises ProfileError naming file and field."""
    answer = dict(_table(data, "answer", file))
    answer.setdefault("weekday_odds", ALIKE_ALL_WEEK)
    for name in ("rate_by_hour", "weekday_odds"):
        answer[name] = tuple(answer[name]) if isinstance(answer.get(name), list) else answer.get(name, ())
    keys = dict(_table(data, "keys", file))
    keys["rates"] = {key: keys.pop(key) for key in list(keys) if len(key) == 1}
    profile = Profile(
        name=str(data.get("name", file)),
        answer=_build(AnswerProfile, answer, "answer", file),
        not_answered=_build(NotAnsweredProfile, _table(data, "not_answered", file), "not_answered", file),
        keys=_build(KeyProfile, keys, "keys", file),
        messages=_build(MessageProfile, _table(data, "messages", file), "messages", file),
        calling_back=_build(CallingBackProfile, _table(data, "calling_back", file), "calling_back", file)
        if "calling_back" in data
        else NOBODY_CALLS_BACK,
    )
    network = _table(data, "network", file) if "network" in data else {}
    way = _build(Impairments, {**asdict(QUIET_WAY), **network}, "network", file)
    profile = replace(profile, agents=_agents(data, file), drift=_drift(data, file), network=way)
    _check(profile, file)
    return profile


def _table(data: Mapping[str, Any], name: str, file: str) -> Mapping[str, Any]:
    table = data.get(name)
    if not isinstance(table, Mapping):
        raise ProfileError(f"{file}: needs a table [{name}].")
    return table


_DEFAULT_AGENTS = asdict(AgentProfile())


def _agents(data: Mapping[str, Any], file: str) -> AgentProfile:
    said = _table(data, "agents", file) if "agents" in data else {}
    return _build(AgentProfile, {**_DEFAULT_AGENTS, **said}, "agents", file)


def _drift(data: Mapping[str, Any], file: str) -> DriftProfile:
    if "drift" not in data:
        return NO_DRIFT
    said = dict(_table(data, "drift", file))
    steps = said.pop("steps", [])
    if not isinstance(steps, list) or len(steps) > DRIFT_STEPS_MAX:
        raise ProfileError(f"{file}: [drift] steps is no list of at most {DRIFT_STEPS_MAX} tables [[drift.steps]].")
    built = [_step(step, file) for step in steps]
    default = {"answer_odds_per_day": 1.0, "talk_factor_per_day": 1.0}
    drift = _build(DriftProfile, {**default, **said, "steps": ()}, "drift", file)
    return replace(drift, steps=tuple(sorted(built, key=lambda step: step.at_h)))


def _step(step: object, file: str) -> DriftStep:
    if not isinstance(step, Mapping):
        raise ProfileError(f"{file}: [drift] steps is no list of tables [[drift.steps]].")
    return _build(DriftStep, {"answer_odds": 1.0, "talk_factor": 1.0, **step}, "drift.steps", file)


def _build(kind: type[P], table: Mapping[str, Any], name: str, file: str) -> P:
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    for unknown in sorted(set(table) - known):
        raise ProfileError(f"{file}: [{name}] has an unknown field {unknown!r}; known: {', '.join(sorted(known))}.")
    for missing in sorted(known - set(table)):
        raise ProfileError(f"{file}: [{name}] lacks {missing}.")
    for field, value in table.items():
        holder = _MANY.get(field)
        if holder is not None and not isinstance(value, holder):
            raise ProfileError(f"{file}: [{name}] {field} = {value!r} does not hold a number for each.")
        for part in [value] if holder is None else value.values() if isinstance(value, Mapping) else value:
            _check_number(part, field, f"{file}: [{name}] {field}")
    return kind(**table)


def _check_number(value: object, field: str, where: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < inf:
        raise ProfileError(f"{where} = {value!r} is not a number of 0 or more.")
    if (field.endswith("_rate") or field in _SHARED_OUT) and value > 1:
        raise ProfileError(f"{where} = {value}; a share lies between 0 and 1.")


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
