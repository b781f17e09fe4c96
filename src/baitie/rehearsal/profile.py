"""Profiles (人群画像): every parameter of the simulated people and of their message centre, read from one file."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from baitie.kernel.errors import InputError

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
class Profile:
    """Profile (人群画像) of simulated people."""

    name: str
    answer: AnswerProfile
    not_answered: NotAnsweredProfile
    keys: KeyProfile
    messages: MessageProfile


P = TypeVar("P")


def parse_profile(data: Mapping[str, Any], file: str) -> Profile:
    """The profile of a parsed TOML file. Raises ProfileError naming file and field."""
    answer = dict(_table(data, "answer", file))
    answer["rate_by_hour"] = tuple(answer.get("rate_by_hour", ()))
    keys = dict(_table(data, "keys", file))
    keys["rates"] = {key: keys.pop(key) for key in list(keys) if len(key) == 1}
    profile = Profile(
        name=str(data.get("name", file)),
        answer=_build(AnswerProfile, answer, "answer", file),
        not_answered=_build(NotAnsweredProfile, _table(data, "not_answered", file), "not_answered", file),
        keys=_build(KeyProfile, keys, "keys", file),
        messages=_build(MessageProfile, _table(data, "messages", file), "messages", file),
    )
    _check(profile, file)
    return profile


def _table(data: Mapping[str, Any], name: str, file: str) -> Mapping[str, Any]:
    table = data.get(name)
    if not isinstance(table, Mapping):
        raise ProfileError(f"{file}: needs a table [{name}].")
    return table


def _build(kind: type[P], table: Mapping[str, Any], name: str, file: str) -> P:
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    for unknown in sorted(set(table) - known):
        raise ProfileError(f"{file}: [{name}] has an unknown field {unknown!r}; known: {', '.join(sorted(known))}.")
    for missing in sorted(known - set(table)):
        raise ProfileError(f"{file}: [{name}] lacks {missing}.")
    for field, value in table.items():
        if isinstance(value, tuple | Mapping):
            continue
        if not isinstance(value, int | float):
            raise ProfileError(f"{file}: [{name}] {field} = {value!r} is not a number.")
        if field.endswith("_rate") and not 0 <= value <= 1:
            raise ProfileError(f"{file}: [{name}] {field} = {value}; a share lies between 0 and 1.")
    return kind(**table)


def _check(profile: Profile, file: str) -> None:
    if len(profile.answer.rate_by_hour) != 24:
        raise ProfileError(f"{file}: [answer] rate_by_hour needs 24 shares, one for each hour.")
    total = sum(getattr(profile.not_answered, share) for share in SHARES)
    if abs(total - 1) > 1e-6:
        raise ProfileError(f"{file}: [not_answered] the shares add up to {total:.3f}, not to 1.")
    if sum(profile.keys.rates.values()) > 1 + 1e-9:
        raise ProfileError(f"{file}: [keys] the shares of the keys add up to more than 1.")
