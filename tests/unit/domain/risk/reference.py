"""An independent, slow reading of the rules: from raw facts, instant by instant, with no search and no shortcut."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from baitie.domain.risk.facts import CallFacts
from baitie.kernel.purpose import NumberClass

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def shipped_allows(facts: CallFacts, at: datetime) -> bool:
    """Whether the shipped packs let this call be placed at `at`, as a person would work it out by hand."""
    zones = facts.zones
    if not zones:
        return False
    for zone in zones:
        wall = at.astimezone(zone)
        if not 8 <= wall.hour < 21:
            return False
        if facts.campaign_windows and not any(
            w.opens_from <= wall.time() < w.closes_until
            if w.opens_from < w.closes_until
            else not (w.closes_until <= wall.time() < w.opens_from)
            for w in facts.campaign_windows
        ):
            return False
        same_day = [a for a in facts.history.attempts if a.at.astimezone(zone).date() == wall.date()]
        if len(same_day) >= 2:
            return False
    month = [a for a in facts.history.attempts if at - a.at < timedelta(days=30)]
    return (
        len(month) < 8
        and len([a for a in month if a.is_contact]) < 3
        and not facts.refusals
        and all(freeze.frozen_until <= at for freeze in facts.freezes)
        and facts.calls_in_flight == 0
        and facts.is_on_allow_list in (True, None)
        and facts.number_class not in (NumberClass.EMERGENCY, NumberClass.PREMIUM, NumberClass.SHORT)
    )


def windows_and_caps_allow(rules: list[Mapping[str, Any]], facts: CallFacts, at: datetime) -> bool:
    """Whether `forbid_window` and `max_count` rules, as tables, let a call be placed at `at`."""
    return not any(_objects(rule, facts, at) for rule in rules)


def _objects(rule: Mapping[str, Any], facts: CallFacts, at: datetime) -> bool:
    walls = [at.astimezone(zone) for zone in facts.zones]
    dates = [wall.date() for wall in walls] or [at.astimezone(UTC).date()]
    begins, ends = rule.get("effective_from", date.min), rule.get("effective_until", date.max)
    if all(day < begins or day >= ends for day in dates):
        return False
    if rule["kind"] == "max_count":
        counting = [a for a in facts.history.attempts if rule["of"] == "attempt" or a.is_contact]
        if rule["window"] == "rolling":
            return len([a for a in counting if at - a.at < timedelta(days=rule["days"])]) >= rule["max"]
        return any(_in_calendar(rule, counting, wall) >= rule["max"] for wall in walls)
    return any(_is_forbidden(rule, wall) for wall in walls)


def _in_calendar(rule: Mapping[str, Any], counting: list[Any], wall: datetime) -> int:
    dates = [a.at.astimezone(wall.tzinfo).date() for a in counting]
    return len([day for day in dates if (wall.date() - day).days < rule["days"]])


def _is_forbidden(rule: Mapping[str, Any], wall: datetime) -> bool:
    if "weekdays" in rule and WEEKDAYS[wall.weekday()] not in rule["weekdays"]:
        return False
    begins, ends, shown = rule["from"], rule["until"], wall.time()
    return begins <= shown < ends if begins < ends else shown >= begins or shown < ends
