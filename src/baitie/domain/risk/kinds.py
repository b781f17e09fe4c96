"""Rule kinds: from the fields of a rule table to its compiled check."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from baitie.domain.risk.calendar_checks import CampaignWindowCheck, ForbidWindowCheck
from baitie.domain.risk.checks import (
    AllowListCheck,
    Check,
    FreezeListCheck,
    InFlightCheck,
    NumberClassCheck,
    SuppressionCheck,
)
from baitie.domain.risk.counting import CooldownAfter, CooldownCheck, CountCheck, Counted
from baitie.domain.risk.duties import Answer, ContractTerm, Kept, KeptFrom, ResponseDuty, RetentionDuty
from baitie.domain.risk.freezing import USUAL_INDICATORS, FreezeAfterCheck, FreezeIndicator, FreezePer, FreezeTerms
from baitie.domain.risk.history import HISTORY_EVENTS_MAX, HISTORY_KEPT_DAYS
from baitie.domain.risk.official import QualificationCheck, RegistryCheck, SuspendedNumberCheck, TradeCheck
from baitie.domain.risk.permission import (
    TEN_THOUSAND,
    ConsentCheck,
    ContentCheck,
    LineClassCheck,
    RoleCheck,
    ShareCheck,
)
from baitie.domain.risk.rulepack import ANYWHERE
from baitie.domain.risk.standing import CalleeRole, ConsentChannel, ContentElement, LineClass, Scope, ShareOf
from baitie.domain.risk.table_reader import TableReader
from baitie.domain.risk.wishes import FatigueCheck, FatigueWeights, PreferenceCheck
from baitie.domain.risk.workdays import WORKING_DAYS_MAX, DayKind, OfficialCalendar
from baitie.kernel.disclosure import Disclosure
from baitie.kernel.purpose import NumberClass
from baitie.kernel.time import Window

CAP_DAYS_MAX = HISTORY_KEPT_DAYS - 1
"""A cap over more days than the history keeps would silently allow too much."""

CAP_COUNT_MAX = HISTORY_EVENTS_MAX - 1
FREEZE_DAYS_MAX = 3660
SHORT_CALL_MAX_S = 600
TALK_MIN_MAX_S = 3600
ASK_AGAIN_MAX_S = 86_400
CONSENT_DAYS_MAX = 3660
SHARE_DAYS_MAX = 366
DENOMINATOR_MAX = 10_000_000
KEPT_YEARS_MAX = 50
FATIGUE_POINTS_MAX = 1000
HALF_LIFE_MAX_H = 24 * 366
REGISTRY_AGE_MAX_DAYS = 366
_NAME = re.compile(r"[a-z][a-z0-9-]{1,47}")


@dataclass(frozen=True, slots=True)
class Building:
    """What a kind may need beside its own fields (编译环境): the rule's fail direction, its country, the calendars."""

    is_closed: bool
    jurisdiction: str
    calendars: Mapping[str, OfficialCalendar]

    def calendar_of(self, reader: TableReader) -> OfficialCalendar | None:
        """The official calendar that the rule names in `calendar`, else that of its country."""
        country = reader.optional("calendar", str) or self.jurisdiction
        if country == ANYWHERE:
            raise reader.error("Working days differ by country.", "calendar", 'Write calendar = "CN" or another.')
        return self.calendars.get(country)


class Days(StrEnum):
    """How a cap counts days (计数周期)."""

    ROLLING = "rolling"
    CALENDAR = "calendar"


class Weekday(StrEnum):
    """Day of the week (星期), Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


def _forbid_window(reader: TableReader, building: Building) -> Check:
    days = reader.words("weekdays", Weekday)
    numbers = None if days is None else frozenset(place for place, day in enumerate(Weekday) if day in days)
    day_kind = reader.choice_or_none("on", DayKind)
    calendar = building.calendar_of(reader) if day_kind is not None else None
    window = Window(_wall(reader, "from"), _wall(reader, "until"))
    only, spared = _segments(reader, "segments"), _segments(reader, "segments_except")
    return ForbidWindowCheck(window, numbers, building.is_closed, day_kind, calendar, only, spared)


def _segments(reader: TableReader, field: str) -> frozenset[str] | None:
    words = reader.texts(field)
    return frozenset(word.casefold() for word in words) if words else None


def _wall(reader: TableReader, field: str) -> time:
    value = reader.need(field, time)
    if value.microsecond:
        raise reader.error("Windows begin and end at whole seconds.", field, "Leave out the fraction.")
    return value


def _max_count(reader: TableReader, building: Building) -> Check:
    counted = reader.choice("of", Counted)
    return CountCheck(
        counted=counted,
        per=reader.choice_or_none("per", Scope) or Scope.CALLEE,
        talk_min_s=_talk_min_s(reader) if counted is Counted.EFFECTIVE_CONVERSATION else 0,
        max_count=reader.count("max", 1, CAP_COUNT_MAX),
        days=reader.count("days", 1, CAP_DAYS_MAX),
        is_calendar=reader.choice("window", Days) is Days.CALENDAR,
        closed=building.is_closed,
        except_series=reader.optional("except_series", bool) or False,
    )


def _cooldown(reader: TableReader, building: Building) -> Check:
    after = reader.choice("after", CooldownAfter)
    is_complaint = after is CooldownAfter.COMPLAINT
    return CooldownCheck(
        after=after,
        per=Scope.CALLEE if is_complaint else reader.choice_or_none("per", Scope) or Scope.CALLEE,
        talk_min_s=_talk_min_s(reader) if after is CooldownAfter.CONVERSATION else 0,
        days=reader.count("days", 1, FREEZE_DAYS_MAX if is_complaint else CAP_DAYS_MAX - 1),
        day0_counts_as=reader.count("day0_counts_as", 0, 1),
        closed=building.is_closed,
    )


def _talk_min_s(reader: TableReader) -> int:
    return reader.count("talk_min_s", 0, TALK_MIN_MAX_S)


def _freeze_after(reader: TableReader, building: Building) -> Check:
    indicators = reader.words("indicators", FreezeIndicator) or USUAL_INDICATORS
    counts_short = FreezeIndicator.SHORT in indicators
    counts_hung_up = FreezeIndicator.HUNG_UP in indicators
    window = reader.choice_or_none("window", Days) or Days.CALENDAR
    return FreezeAfterCheck(
        FreezeTerms(
            events=reader.count("events", 1, CAP_COUNT_MAX),
            freeze_days=reader.count("freeze_days", 1, FREEZE_DAYS_MAX),
            indicators=indicators,
            short_call_max_s=reader.count("short_call_max_s", 0, SHORT_CALL_MAX_S) if counts_short else 0,
            hang_up_max_s=reader.count("hang_up_max_s", 0, SHORT_CALL_MAX_S) if counts_hung_up else 0,
            days=reader.count_or_none("days", 1, CAP_DAYS_MAX) or 1,
            is_calendar=window is Days.CALENDAR,
            per=reader.choice_or_none("per", FreezePer) or FreezePer.ORGANISATION,
        )
    )


def _number_class(reader: TableReader, building: Building) -> Check:
    refused, lines = reader.words("refuse", NumberClass), reader.words("refuse_lines", LineClass)
    if refused is not None and lines is not None:
        raise reader.error("A rule refuses callees or lines, not both.", "refuse_lines", "Make two rules of it.")
    if lines is not None:
        return LineClassCheck(lines, building.is_closed)
    if refused is None:
        raise reader.error("This field is missing.", "refuse", f"Name some of: {', '.join(NumberClass)}.")
    return NumberClassCheck(refused)


def _consent_required(reader: TableReader, building: Building) -> Check:
    return ConsentCheck(
        channel=reader.choice("channel", ConsentChannel),
        days_max=reader.count_or_none("days_max", 1, CONSENT_DAYS_MAX),
        needs_evidence=reader.need("needs_evidence", bool),
        accepts_spoken=reader.need("accepts_spoken", bool),
        fail_closed=building.is_closed,
    )


def _role_allow(reader: TableReader, building: Building) -> Check:
    allowed = reader.words("allow", CalleeRole)
    if allowed is None:
        raise reader.error("This field is missing.", "allow", f"Name some of: {', '.join(CalleeRole)}.")
    return RoleCheck(allowed, building.is_closed)


def _content(reader: TableReader, building: Building) -> Check:
    max_disclosure = reader.choice_or_none("max_disclosure", Disclosure)
    must_include = reader.words("must_include", ContentElement) or frozenset()
    if max_disclosure is None and not must_include:
        raise reader.error("The rule asks for nothing.", "must_include", "Write max_disclosure or must_include.")
    return ContentCheck(max_disclosure, must_include, building.is_closed)


def _rate_ceiling(reader: TableReader, building: Building) -> Check:
    return ShareCheck(
        of=reader.choice("of", ShareOf),
        per=reader.choice("per", Scope),
        days=reader.count("days", 1, SHARE_DAYS_MAX),
        max_per_10000=reader.count("max_per_10000", 0, TEN_THOUSAND),
        denominator_min=reader.count("denominator_min", 1, DENOMINATOR_MAX),
        ask_again_s=reader.count_or_none("ask_again_s", 1, ASK_AGAIN_MAX_S),
        fail_closed=building.is_closed,
    )


def _retention_min(reader: TableReader, building: Building) -> Check:
    years = reader.count_or_none("years", 1, KEPT_YEARS_MAX) or 0
    months = reader.count_or_none("months", 1, 12 * KEPT_YEARS_MAX) or 0
    days = reader.count_or_none("days", 1, 366 * KEPT_YEARS_MAX) or 0
    if not years and not months and not days:
        raise reader.error("No time is given.", "days", "Write years, months or days.")
    return RetentionDuty(
        kept=reader.choice("of", Kept),
        counted_from=reader.choice("counted_from", KeptFrom),
        months=12 * years + months,
        days=days,
        contract_term=reader.choice_or_none("contract_term", ContractTerm),
    )


def _response_deadline(reader: TableReader, building: Building) -> Check:
    calendar = building.calendar_of(reader)
    country = calendar.country if calendar is not None else building.jurisdiction
    working_days = reader.count("working_days", 0, WORKING_DAYS_MAX)
    return ResponseDuty(reader.choice("of", Answer), working_days, country, calendar)


def _fatigue(reader: TableReader, building: Building) -> Check:
    def points(kind: str) -> int:
        return reader.count(f"{kind}_points", 0, FATIGUE_POINTS_MAX)

    weights = FatigueWeights(
        answered=points("answered"),
        rejected=points("rejected"),
        short=points("short"),
        unanswered=points("unanswered"),
        card=points("card"),
        call_half_life_h=reader.count("call_half_life_h", 1, HALF_LIFE_MAX_H),
        card_half_life_h=reader.count("card_half_life_h", 1, HALF_LIFE_MAX_H),
    )
    points_max = reader.count("points_max", 1, FATIGUE_POINTS_MAX)
    return FatigueCheck(weights, points_max, reader.optional("except_series", bool) or False)


def _one_at_a_time(reader: TableReader, building: Building) -> Check:
    return InFlightCheck(reader.count("max", 1, 10), reader.count("ask_again_s", 1, ASK_AGAIN_MAX_S))


def _suppression(reader: TableReader, building: Building) -> Check:
    registry = reader.optional("registry", str)
    if registry is None:
        return SuppressionCheck()
    return RegistryCheck(
        registry=_name(reader, "registry", registry),
        age_days_max=reader.count_or_none("age_days_max", 1, REGISTRY_AGE_MAX_DAYS),
        except_consent=reader.optional("except_consent", bool) or False,
        fail_closed=building.is_closed,
    )


def _qualification(reader: TableReader, building: Building) -> Check:
    required = tuple(_name(reader, "require", word) for word in reader.texts("require"))
    if not required:
        raise reader.error("The rule asks for nothing.", "require", "Name a kind of qualification.")
    return QualificationCheck(required, reader.words("lines", LineClass), building.is_closed)


def _trade(reader: TableReader, building: Building) -> Check:
    refused = frozenset(_name(reader, "refuse", word) for word in reader.texts("refuse"))
    if not refused:
        raise reader.error("The rule refuses nothing.", "refuse", "Name a trade.")
    required = tuple(_name(reader, "unless", word) for word in reader.texts("unless"))
    return TradeCheck(refused, required, building.is_closed)


def _name(reader: TableReader, field: str, word: str) -> str:
    if not _NAME.fullmatch(word):
        raise reader.error(f"{word!r} is no name.", field, "Write small letters, figures and hyphens.")
    return word


KINDS: Mapping[str, Callable[[TableReader, Building], Check]] = {
    "forbid_window": _forbid_window,
    "campaign_window": lambda reader, building: CampaignWindowCheck(building.is_closed),
    "max_count": _max_count,
    "cooldown": _cooldown,
    "freeze_after": _freeze_after,
    "freeze_list": lambda reader, building: FreezeListCheck(),
    "suppression": _suppression,
    "number_class": _number_class,
    "consent_required": _consent_required,
    "role_allow": _role_allow,
    "content": _content,
    "rate_ceiling": _rate_ceiling,
    "retention_min": _retention_min,
    "response_deadline": _response_deadline,
    "preference": lambda reader, building: PreferenceCheck(building.is_closed),
    "fatigue": _fatigue,
    "qualification": _qualification,
    "trade": _trade,
    "suspended_number": lambda reader, building: SuspendedNumberCheck(reader.count("ask_again_s", 1, ASK_AGAIN_MAX_S)),
    "one_at_a_time": _one_at_a_time,
    "allow_list": lambda reader, building: AllowListCheck(),
}
"""Every rule kind by the word that stands in `kind`."""
