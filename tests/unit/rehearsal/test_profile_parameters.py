"""Every parameter of the simulated people has a unit in its name, a meaning in the reference, and a source."""

import random
import re
import tomllib
from collections import Counter
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pytest

from baitie.rehearsal import profile as profiles
from baitie.rehearsal.people import Reaction, hours_since_monday, plan_call
from baitie.rehearsal.profile import Profile, ProfileError, parse_profile

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "src" / "baitie" / "rehearsal" / "profiles").glob("*.toml"))
UNITS = (
    "_s",
    "_rate",
    "_odds",
    "_sigma",
    "_per_h",
    "_per_day",
    "_h",
    "_factor",
    "_by_hour",
    "_median_s",
    "_calls",
    "_per_s",
)
WITHOUT_UNIT = {*profiles.SHARES, "rates", "steps", "talk_factor", "name", "kind", "share", "prefixes"}
SOURCED = re.compile(r"assum|publish|\d{4}\)", re.IGNORECASE)


def parameters() -> dict[str, list[str]]:
    """Names of all parameters by the class that holds them."""
    kinds = [
        each
        for each in vars(profiles).values()
        if isinstance(each, type) and is_dataclass(each) and each is not Profile
    ]
    return {kind.__name__: [field.name for field in fields(kind)] for kind in kinds}


def test_every_parameter_tells_its_unit_in_its_name() -> None:
    names = {name for found in parameters().values() for name in found} - WITHOUT_UNIT
    assert {name for name in names if not name.endswith(UNITS)} == set()


def test_every_parameter_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "loopback-profile.md").read_text("utf-8")
    names = {name for found in parameters().values() for name in found} - {"rates", "steps"}
    assert {name for name in names if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_number_stands_beside_a_source_or_the_word_assumed(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()
    head = " ".join(line for line in lines[: lines.index("")] if line.startswith("#"))
    assert SOURCED.search(head), "the file says what holds where a line says nothing"
    table_is_sourced, without = False, []
    for place, line in enumerate(lines):
        if line.startswith("["):
            table_is_sourced = bool(SOURCED.search(line))
        elif re.match(r'"?\w+"? = ', line) and not line.startswith("name"):
            beside = " ".join(lines[max(place - 2, 0) : place + 1])
            if not (table_is_sourced or SOURCED.search(beside) or "everything else is ASSUMED" in head):
                without.append(line)
    assert not without or "Every number is an ASSUMPTION" in head, without


def test_the_chinese_profile_s_answers_lie_below_what_is_published_of_strangers_on_weekdays() -> None:
    profile = parse_profile(tomllib.loads(FILES[0].read_text("utf-8")), FILES[0].name)
    met: Counter[Reaction] = Counter()
    for seed in range(6000):
        hour_of_week = (seed % 5) * 24 + 9 + seed % 9
        met[plan_call(profile, "new", hour_of_week, False, random.Random(seed)).reaction] += 1
    share = met[Reaction.ANSWER] / 6000
    assert 0.20 < share < 0.30 + 4 * (0.3 * 0.7 / 6000) ** 0.5, "published: strangers answer less than 0.30"


def test_the_day_of_the_week_changes_who_answers() -> None:
    base = parse_profile(tomllib.loads(FILES[0].read_text("utf-8")), FILES[0].name)
    never_on_sunday = replace(base, answer=replace(base.answer, weekday_odds=(1.0,) * 6 + (0.0,)))

    def answers(day: int) -> int:
        plans = (plan_call(never_on_sunday, "", day * 24 + 12, False, random.Random(seed)) for seed in range(300))
        return sum(plan.reaction is Reaction.ANSWER for plan in plans)

    assert answers(6) == 0 < answers(5)


def test_a_week_has_seven_days() -> None:
    table = tomllib.loads(FILES[0].read_text("utf-8"))
    table["answer"]["weekday_odds"] = [1.0] * 6
    with pytest.raises(ProfileError, match="weekday_odds needs 7"):
        parse_profile(table, "p.toml")


def test_hours_are_counted_from_monday() -> None:
    from datetime import UTC, datetime

    assert hours_since_monday(datetime(2026, 3, 2, 0, 30, tzinfo=UTC)) == 0
    assert hours_since_monday(datetime(2026, 3, 8, 23, 30, tzinfo=UTC)) == 167
