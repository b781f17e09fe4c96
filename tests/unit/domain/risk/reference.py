"""An independent, slow reading of the rules: from raw facts, instant by instant, with no search and no shortcut."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.history import PastAttempt
from baitie.domain.risk.standing import SeriesBasis
from baitie.kernel.purpose import NumberClass, Purpose

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BELONGS_TO = {
    **dict.fromkeys(("PR", "GU", "VI", "AS", "MP", "UM"), "US"),
    **dict.fromkeys(("JE", "GG", "IM"), "GB"),
    "RE": "FR",
}
"""Territories by hand, as far as the properties ask for them."""
Worked = Mapping[str, tuple[set[date], set[date], set[int]]]
"""By country: days off, weekend days that are worked, and the years of which they are known."""


DAILY = {
    **dict.fromkeys((Purpose.ACQUISITION, Purpose.SURVEY, Purpose.CARE), 2),
    **dict.fromkeys((Purpose.INFORMATION, Purpose.RISK_WARNING), 3),
    Purpose.COLLECTION: 4,
}


def hours_and_caps_by_hand(facts: CallFacts, at: datetime) -> bool:
    """Whether what the shipped packs ask of every call lets it be placed, as a person would work it out by hand."""
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
        if facts.series is None and len([a for a in same_day if a.series is None]) >= DAILY[facts.purpose]:
            return False
    month = [a for a in facts.history.attempts if at - a.at < timedelta(days=30) and a.series is None]
    is_unasked = facts.purpose in (Purpose.ACQUISITION, Purpose.SURVEY, Purpose.CARE)
    return (
        (facts.series is not None or len(month) < 8)
        and (facts.series is not None or not is_unasked or len([a for a in month if a.is_contact]) < 3)
        and not facts.refusals
        and all(freeze.frozen_until <= at for freeze in facts.freezes)
        and facts.calls_in_flight == 0
        and facts.is_on_allow_list in (True, None)
        and facts.number_class not in (NumberClass.EMERGENCY, NumberClass.PREMIUM, NumberClass.SHORT)
    )


def allows(rules: Iterable[Mapping[str, Any]], facts: CallFacts, at: datetime, worked: Worked) -> bool:
    """Whether no blocking rule of these tables objects to a call at `at`; `worked` are the official calendars."""
    return not any(_speaks(rule, facts, at) and _objects(rule, facts, at, worked) for rule in rules)


def _speaks(rule: Mapping[str, Any], facts: CallFacts, at: datetime) -> bool:
    if rule["force"] != "block" or facts.purpose not in rule.get("purposes", [facts.purpose]):
        return False
    if facts.region is not None and rule["jurisdiction"] not in ("*", facts.region, BELONGS_TO.get(facts.region)):
        return False
    dates = [at.astimezone(zone).date() for zone in facts.zones] or [at.astimezone(UTC).date()]
    begins, ends = rule.get("effective_from", date.min), rule.get("effective_until", date.max)
    return any(begins <= day < ends for day in dates)


def _objects(rule: Mapping[str, Any], facts: CallFacts, at: datetime, worked: Worked) -> bool:
    is_closed = rule["fail_direction"] == "closed"
    walls = [at.astimezone(zone) for zone in facts.zones]
    match rule["kind"]:
        case "forbid_window":
            named = {word.casefold() for word in rule.get("segments", ())}
            spared = {word.casefold() for word in rule.get("segments_except", ())}
            if (named and facts.segment not in named) or facts.segment in spared:
                return False
            return any(_is_forbidden(rule, wall, worked) for wall in walls) if walls else is_closed
        case "campaign_window":
            if not facts.campaign_windows:
                return False
            return is_closed if not walls else not all(_in_any(facts.campaign_windows, wall) for wall in walls)
        case "max_count":
            return _is_capped(rule, facts, at)
        case "cooldown":
            return _is_cooling(rule, facts, at)
        case "suppression" if "registry" in rule:
            return _is_on_registry(rule, facts, at)
        case "suspended_number":
            return bool(facts.suspended) and at < facts.civil_now + timedelta(seconds=rule["ask_again_s"])
        case "qualification":
            return _lacks_qualification(rule, facts, at)
        case "trade":
            if facts.trade is None:
                return is_closed
            if facts.trade not in rule["refuse"]:
                return False
            needed = {"require": rule.get("unless", ()), "fail_direction": "closed"}
            return not needed["require"] or _lacks_qualification(needed, facts, at)
        case "suppression":
            return bool(facts.refusals)
        case "freeze_list":
            return any(freeze.frozen_until > at for freeze in facts.freezes)
        case "one_at_a_time":
            return facts.calls_in_flight >= rule["max"]
        case "allow_list":
            return facts.is_on_allow_list is False
        case "number_class" if "refuse" in rule:
            return facts.number_class.value in rule["refuse"]
        case "number_class":
            return (
                is_closed if facts.line_classes is None else bool(set(rule["refuse_lines"]) & set(facts.line_classes))
            )
        case "role_allow":
            return is_closed if facts.callee_role is None else facts.callee_role not in rule["allow"]
        case "consent_required":
            return is_closed if facts.consents is None else not any(_covers(rule, c, facts, at) for c in facts.consents)
        case "content":
            return is_closed if facts.content is None else _is_unfit(rule, facts.content)
        case "rate_ceiling":
            return _is_over_ceiling(rule, facts)
        case "preference":
            return _is_unwelcome(facts, walls, is_closed)
        case "fatigue":
            is_spared = rule.get("except_series", False) and _series_of(facts) is not None
            return not is_spared and tiredness(rule, facts, at) > rule["points_max"]
        case "freeze_after" | "retention_min" | "response_deadline":
            return False  # these order what follows a call, and forbid none
        case unread:
            raise AssertionError(f"this reading knows no rule of kind {unread!r}")


def _is_on_registry(rule: Mapping[str, Any], facts: CallFacts, at: datetime) -> bool:
    copies = [copy for copy in facts.registries if copy.registry == rule["registry"]]
    if copies and copies[0].is_listed:
        asked = {"channel": "voice", "needs_evidence": True, "accepts_spoken": False}
        has_agreed = any(_covers(asked, consent, facts, at) for consent in facts.consents or ())
        return not (rule.get("except_consent", False) and has_agreed)
    is_old = not copies
    if copies and "age_days_max" in rule:
        zones = facts.zones or (UTC,)
        ages = [(facts.civil_now.astimezone(zone).date() - copies[0].as_of).days for zone in zones]
        is_old = max(ages) > rule["age_days_max"]
    return is_old and rule["fail_direction"] == "closed" and at < facts.civil_now + timedelta(hours=1)


def _lacks_qualification(rule: Mapping[str, Any], facts: CallFacts, at: datetime) -> bool:
    is_closed = bool(rule["fail_direction"] == "closed")
    if "lines" in rule:
        if facts.line_classes is None:
            return is_closed
        if not set(rule["lines"]) & set(facts.line_classes):
            return False
    if facts.qualifications is None:
        return is_closed
    day = max(at.astimezone(zone).date() for zone in facts.zones or (UTC,))
    held = {q.kind for q in facts.qualifications if q.valid_from <= day <= (q.valid_until or date.max)}
    return not set(rule["require"]) <= held


def tiredness(rule: Mapping[str, Any], facts: CallFacts, at: datetime) -> float:
    """Points for each call and card until then, each halved as often as its half-life has passed."""
    points = 0.0
    for attempt in facts.history.attempts:
        kind = "unanswered"
        if attempt.is_contact:
            kind = "answered"
        if attempt.is_short:
            kind = "short"
        if attempt.is_rejected:
            kind = "rejected"
        hours = (at - attempt.at) / timedelta(hours=1)
        points += rule[f"{kind}_points"] / 2 ** (hours / rule["call_half_life_h"]) if hours >= 0 else 0
    for sent_at in facts.cards_sent:
        hours = (at - sent_at) / timedelta(hours=1)
        points += rule["card_points"] / 2 ** (hours / rule["card_half_life_h"]) if hours >= 0 else 0
    return points


def freezes(rule: Mapping[str, Any], facts: CallFacts) -> bool:
    """Whether the newest attempt makes this rule freeze the callee: it and enough others are what the rule counts."""
    newest = max(facts.history.attempts, key=lambda attempt: attempt.at, default=None)
    if newest is None or not _tells_against(rule, newest):
        return False
    events = [a.at for a in facts.history.attempts if _tells_against(rule, a)]
    days = rule.get("days", 1)
    if rule.get("window", "calendar") == "rolling":
        return len([made for made in events if newest.at - made < timedelta(days=days)]) >= rule["events"]
    if not facts.zones:
        return len([made for made in events if newest.at - made < timedelta(days=days, hours=1)]) >= rule["events"]
    return any(_in_calendar({"days": days}, events, newest.at, zone) >= rule["events"] for zone in facts.zones)


def _tells_against(rule: Mapping[str, Any], attempt: PastAttempt) -> bool:
    said = {
        "rejected": attempt.is_rejected,
        "short": attempt.is_short and (attempt.talk_s or 0) <= rule.get("short_call_max_s", 0),
        "unanswered": not attempt.is_contact,
        "hung_up": attempt.hung_up and attempt.talk_s is not None and attempt.talk_s <= rule.get("hang_up_max_s", 0),
        "said_no": attempt.said_no,
    }
    return any(said[word] for word in rule.get("indicators", ("rejected", "short")))


def _series_of(facts: CallFacts) -> str | None:
    if facts.series is None:
        return None
    asked = {"channel": "voice", "needs_evidence": False, "accepts_spoken": True}
    has_agreed = any(_covers(asked, consent, facts, facts.civil_now) for consent in facts.consents or ())
    return facts.series.key if has_agreed or facts.series.basis is SeriesBasis.ORDERED else None


def _is_forbidden(rule: Mapping[str, Any], wall: datetime, worked: Worked) -> bool:
    if "weekdays" in rule and WEEKDAYS[wall.weekday()] not in rule["weekdays"]:
        return False
    begins, ends, shown = rule["from"], rule["until"], wall.time()
    if not (begins <= shown < ends if begins < ends else shown >= begins or shown < ends):
        return False
    if "on" not in rule:
        return True
    off, moved, years = worked.get(rule.get("calendar", rule["jurisdiction"]), (set(), set(), set()))
    day = wall.date()
    if day.year not in years:
        return bool(rule["fail_direction"] == "closed")
    is_worked = day in moved or (WEEKDAYS[day.weekday()] not in ("sat", "sun") and day not in off)
    return is_worked == (rule["on"] == "workday")


def _in_any(windows: Iterable[Any], wall: datetime) -> bool:
    return any(
        w.opens_from <= wall.time() < w.closes_until
        if w.opens_from < w.closes_until
        else wall.time() >= w.opens_from or wall.time() < w.closes_until
        for w in windows
    )


def _matters(rule: Mapping[str, Any], of: str, attempt: PastAttempt, facts: CallFacts) -> bool:
    is_closed = rule["fail_direction"] == "closed"
    is_taken = attempt.is_contact and not attempt.is_rejected
    if of == "contact" and not attempt.is_contact:
        return False
    if of in ("answered", "effective_conversation", "conversation") and not is_taken:
        return False
    if of in ("effective_conversation", "conversation") and rule["talk_min_s"] > 0:
        if attempt.talk_s is None:
            if not is_closed:
                return False
        elif attempt.talk_s < rule["talk_min_s"]:
            return False
    if rule.get("except_series") and (attempt.series is not None or _series_of(facts) is not None):
        return False
    if rule.get("per") == "series":
        return attempt.series is not None and attempt.series == _series_of(facts)
    names = {"debt": "debt_key", "campaign": "campaign_id", "number": "presented", "purpose": "purpose"}
    name = names.get(rule.get("per", "callee"))
    if name is None:
        return True
    past, own = getattr(attempt, name), getattr(facts, name)
    return is_closed if past is None or own is None else bool(past == own)


def _is_capped(rule: Mapping[str, Any], facts: CallFacts, at: datetime) -> bool:
    counting = [a.at for a in facts.history.attempts if _matters(rule, rule["of"], a, facts)]
    if rule["window"] == "rolling":
        return len([made for made in counting if at - made < timedelta(days=rule["days"])]) >= rule["max"]
    if not facts.zones:
        return len([made for made in counting if at - made < timedelta(days=rule["days"], hours=1)]) >= rule["max"]
    return any(_in_calendar(rule, counting, at, zone) >= rule["max"] for zone in facts.zones)


def _in_calendar(rule: Mapping[str, Any], counting: list[datetime], at: datetime, zone: tzinfo) -> int:
    today = at.astimezone(zone).date()
    return len([made for made in counting if (today - made.astimezone(zone).date()).days < rule["days"]])


def _is_cooling(rule: Mapping[str, Any], facts: CallFacts, at: datetime) -> bool:
    if rule["after"] == "complaint":
        events = [complaint.received_at for complaint in facts.complaints]
    else:
        events = [a.at for a in facts.history.attempts if _matters(rule, rule["after"], a, facts)]
    if not facts.zones:
        span = timedelta(days=rule["days"] + 1 - rule["day0_counts_as"], hours=1)
        return any(at - event < span for event in events)
    return any(
        (at.astimezone(zone).date() - event.astimezone(zone).date()).days + rule["day0_counts_as"] <= rule["days"]
        for event in events
        for zone in facts.zones
    )


def _is_unwelcome(facts: CallFacts, walls: list[datetime], is_closed: bool) -> bool:
    wish = facts.preference
    if wish is None:
        return False
    if not wish.accepts_voice or (wish.purposes is not None and facts.purpose not in wish.purposes):
        return True
    if wish.language is not None:
        if facts.language is None:
            if is_closed:
                return True
        elif wish.language not in (facts.language, facts.language.split("-")[0]):
            return True
    if not wish.windows:
        return False
    return is_closed if not walls else not all(_in_any(wish.windows, wall) for wall in walls)


def _covers(rule: Mapping[str, Any], consent: Any, facts: CallFacts, at: datetime) -> bool:
    return (
        consent.purpose == facts.purpose
        and consent.channel == rule["channel"]
        and consent.granted_at <= at
        and (consent.withdrawn_at is None or at < consent.withdrawn_at)
        and (consent.expires_at is None or at < consent.expires_at)
        and (consent.has_evidence or not rule["needs_evidence"])
        and (rule["accepts_spoken"] or not consent.is_spoken)
        and ("days_max" not in rule or at - consent.granted_at < timedelta(days=rule["days_max"]))
    )


def _is_unfit(rule: Mapping[str, Any], content: Any) -> bool:
    order = ("identity", "matter", "reference")
    if "max_disclosure" in rule and order.index(content.disclosure) > order.index(rule["max_disclosure"]):
        return True
    return any(element not in content.elements for element in rule.get("must_include", []))


def _is_over_ceiling(rule: Mapping[str, Any], facts: CallFacts) -> bool:
    asked = (rule["of"], rule["per"], rule["days"])
    known = [s for s in facts.shares if (s.of, s.per, s.days) == asked]
    if not known:
        return bool(rule["fail_direction"] == "closed")
    return any(s.numerator / max(s.denominator, rule["denominator_min"]) > rule["max_per_10000"] / 10000 for s in known)
