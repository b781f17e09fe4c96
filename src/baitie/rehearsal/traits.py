"""Who simulated people are (客户特征): age, dialect and region as traits, and what keeps them from speaking."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baitie.rehearsal.profile_fields import ProfileError, build

TRAITS_MAX = 100
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Trait:
    """Trait (特征) that a share of the people has. Of one kind, such as `age` or `dialect`, everybody has at most one.

    Factors are on the odds of an answer and of an early hang-up, and on how long somebody stays on the line.
    """

    kind: str
    name: str
    share: float  # of those whose numbers begin so
    prefixes: tuple[str, ...] = ()  # of numbers in E.164: +8620 is Guangzhou; none: everybody
    answer_odds: float = 1.0
    early_hang_up_odds: float = 1.0
    patience_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class FatigueProfile:
    """Fatigue (疲劳): each of our calls that rang makes the next answer less likely, until it is forgotten."""

    ring_odds: float = 1.0  # factor on the odds of an answer for each ring that is remembered
    forgotten_after_h: float = 72.0


@dataclass(frozen=True, slots=True)
class MeetingProfile:
    """Meetings (开会): people who cannot speak now, on working days from nine to six at their place."""

    met_rate: float = 0.0  # of calls in these hours
    lasts_median_s: float = 2400.0
    lasts_sigma: float = 0.6
    taken_rate: float = 0.3  # pick up, say so and hang up; the others reject
    says_so_s: float = 3.0


@dataclass(frozen=True, slots=True)
class AssistantProfile:
    """Call assistants (通话助理): a machine that takes calls which nobody takes, and asks what they are about."""

    taken_rate: float = 0.0  # of calls that ring out or are rejected
    ring_s: float = 4.0  # it picks up after that
    stays_s: float = 15.0


@dataclass(frozen=True, slots=True)
class TraitFactors:
    """Trait factors (性情) of one person: the product of the factors of all traits."""

    answer_odds: float = 1.0
    early_hang_up_odds: float = 1.0
    patience_factor: float = 1.0


EVEN_TEMPERED = TraitFactors()
NO_FATIGUE, NO_MEETINGS, NO_ASSISTANTS = FatigueProfile(), MeetingProfile(), AssistantProfile()


def temperament_of(traits: Iterable[Trait], number: str, rng: random.Random) -> TraitFactors:
    """Draw who somebody with this number is, in E.164."""
    answer_odds = early_hang_up_odds = patience_factor = 1.0
    left: dict[str, float] = {}
    for trait in traits:
        if trait.prefixes and not number.startswith(trait.prefixes):
            continue
        before = left[trait.kind] if trait.kind in left else rng.random()
        left[trait.kind] = before - trait.share
        if before >= 0 > left[trait.kind]:
            answer_odds *= trait.answer_odds
            early_hang_up_odds *= trait.early_hang_up_odds
            patience_factor *= trait.patience_factor
    return TraitFactors(answer_odds, early_hang_up_odds, patience_factor)


def is_working_hour(hour_of_week: int) -> bool:
    """From Monday to Friday, nine to six; `hour_of_week` counts from Monday."""
    return hour_of_week < 5 * 24 and 9 <= hour_of_week % 24 < 18


def fatigue_odds(profile: FatigueProfile, rang_at: Sequence[float], now_s: float) -> float:
    """Factor on the odds of an answer of somebody whose telephone we rang at these instants."""
    remembered = sum(now_s - at < profile.forgotten_after_h * HOUR_S for at in rang_at)
    return float(profile.ring_odds**remembered)


def parse_traits(data: Mapping[str, Any], file: str) -> tuple[Trait, ...]:
    """The traits of `[[traits]]` tables; none where there are none. Raises ProfileError."""
    rows = data.get("traits", [])
    if not isinstance(rows, list) or len(rows) > TRAITS_MAX:
        raise ProfileError(f"{file}: traits is no list of at most {TRAITS_MAX} tables [[traits]].")
    traits = tuple(_trait(row, f"traits {place}", file) for place, row in enumerate(rows, 1))
    for kind in {trait.kind for trait in traits}:
        for prefix in {prefix for trait in traits for prefix in trait.prefixes} | {""}:
            of_kind = [
                one for one in traits if one.kind == kind and (not one.prefixes or prefix.startswith(one.prefixes))
            ]
            total = sum(one.share for one in of_kind)
            if total > 1 + 1e-9:
                where = f" for {prefix}" if prefix else ""
                raise ProfileError(f"{file}: [[traits]] of kind {kind!r} add up to {total:.3f}{where}, more than 1.")
    return traits


_FACTORS = {"answer_odds": 1.0, "early_hang_up_odds": 1.0, "patience_factor": 1.0}


def _trait(row: object, name: str, file: str) -> Trait:
    if not isinstance(row, Mapping):
        raise ProfileError(f"{file}: traits is no list of tables [[traits]].")
    prefixes = row.get("prefixes", [])
    if not isinstance(prefixes, list) or not all(isinstance(prefix, str) and prefix for prefix in prefixes):
        raise ProfileError(f"{file}: [{name}] prefixes is no list of beginnings of numbers, such as +8620.")
    for field in ("kind", "name"):
        if not isinstance(row.get(field), str) or not row[field]:
            raise ProfileError(f"{file}: [{name}] {field} is no word.")
    return build(Trait, {**_FACTORS, **row, "prefixes": tuple(prefixes)}, name, file)
