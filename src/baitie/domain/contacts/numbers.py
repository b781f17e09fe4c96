"""Telephone numbers as people write them, to E.164 with class, region and zone, by the tables of `phonenumbers`."""

import re
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType, ValidationResult, shortnumberinfo, timezone
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

from baitie.domain.contacts import spellings
from baitie.domain.contacts.area_zones import SPLIT_AREA_CODES
from baitie.domain.contacts.reasons import RejectReason
from baitie.kernel.phone import E164_DIGITS_MAX, PhoneNumber
from baitie.kernel.purpose import NumberClass

NUMBER_CHARS_MAX = 120
"""Room for two numbers with their notes."""

_CLASSES = {
    PhoneNumberType.MOBILE: NumberClass.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberClass.FIXED,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberClass.MOBILE,  # the plan does not tell; mobiles have the stricter rules
    PhoneNumberType.TOLL_FREE: NumberClass.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: NumberClass.PREMIUM,
}
_INVALID = {
    ValidationResult.TOO_SHORT: RejectReason.NUMBER_TOO_SHORT,
    ValidationResult.TOO_LONG: RejectReason.NUMBER_TOO_LONG,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: RejectReason.AREA_CODE_MISSING,
    ValidationResult.INVALID_COUNTRY_CODE: RejectReason.COUNTRY_CODE_UNKNOWN,
}
_WITHOUT_EXTENSION = (NumberClass.EMERGENCY, NumberClass.SHORT)
_UNPARSED = {
    NumberParseException.INVALID_COUNTRY_CODE: RejectReason.COUNTRY_CODE_UNKNOWN,
    NumberParseException.TOO_LONG: RejectReason.NUMBER_TOO_LONG,
    NumberParseException.TOO_SHORT_NSN: RejectReason.NUMBER_TOO_SHORT,
    NumberParseException.TOO_SHORT_AFTER_IDD: RejectReason.NUMBER_TOO_SHORT,
}
_SHORT_DIGITS_MAX = 8  # the longest codes that are dialled as they stand: 95xxxxxx
_CHINA_SERVICE = re.compile(r"9[56]\d{3,6}|1[02]\d{3}|1010\d{4}")
_CHINA_COUNTRY_CODE = 86
_NORTH_AMERICA = 1
_OF_ONE_REGION = {
    "AG": ("America/Antigua",),
    "AI": ("America/Anguilla",),
    "BB": ("America/Barbados",),
    "BM": ("Atlantic/Bermuda",),
    "BS": ("America/Nassau",),
    "DM": ("America/Dominica",),
    "DO": ("America/Santo_Domingo",),
    "GD": ("America/Grenada",),
    "JM": ("America/Jamaica",),
    "KN": ("America/St_Kitts",),
    "KY": ("America/Cayman",),
    "KZ": ("Asia/Almaty", "Asia/Aqtobe"),
    "LC": ("America/St_Lucia",),
    "MS": ("America/Montserrat",),
    "PR": ("America/Puerto_Rico",),
    "SX": ("America/Lower_Princes",),
    "TC": ("America/Grand_Turk",),
    "TT": ("America/Port_of_Spain",),
    "VC": ("America/St_Vincent",),
    "VG": ("America/Tortola",),
    "VI": ("America/St_Thomas",),
}
"""Regions that share a country code with large countries. For their mobile numbers the tables give every zone of the
country code, from Guam to Newfoundland or from Kaliningrad to Kamchatka, and no hour would do for all of them. The area
code names the region, and the region has these zones; Kazakhstan those of its fixed lines."""

_CHINA_MOBILE_DIGITS = 11
_CHINA_LOCAL_DIGITS = (7, 8)  # a shorter number after an area code is a service code: 021-12345
_CHINA_WHOLE = ("400", "950")  # no area code in front

_SCIENTIFIC = re.compile(r"^\+?(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})$")
_PLAIN = re.compile(r"\+?[\d\s().\-/]+")
_SIMPLE = re.compile(r" *\+?[0-9 ()-]{5,24}")
"""Most cells: nothing to clean, no fraction, no sign between several numbers."""

_TWO_NUMBERS_DIGITS_MIN = 2 * spellings.WHOLE_NUMBER_DIGITS_MIN
_COUNTRY_IN_BRACKETS = re.compile(r"\((?:\+|00)?([1-9]\d{0,2})\)\s*(\d.*)")
_CHINA_VIRTUAL = re.compile(r"(?:\+?86|0086)?950\d{8,}")
"""Numbers that delivery platforms lend (95013…): longer than the plan's and unknown to its tables."""
_NO_DIGIT = re.compile(r"\D")
_NO_JOINERS = str.maketrans("", "", " ().-/")
_BLANKS = " \t\r\n'\"`\u3000\u00a0\ufeff="


class NumberReading(NamedTuple):
    """Reading (号码解析) of a written number. `zone_names` is empty where the number does not tell any."""

    number: PhoneNumber
    number_class: NumberClass
    region: str | None
    zone_names: tuple[str, ...]
    extension: str = ""


def read_number(written: str, default_region: str) -> NumberReading | RejectReason:
    """What number `written` means in `default_region` (ISO 3166-1 alpha-2), or why it is none.

    Emergency, short and premium numbers are numbers too, and say so by their class: whether they may be
    called is the gate's to decide.
    """
    mobile = china_mobile(written, default_region)
    if mobile is not None:
        return mobile
    if _SIMPLE.fullmatch(written) and sum(map(str.isdigit, written)) < _TWO_NUMBERS_DIGITS_MIN:
        text = written.strip()
        simple = _read_plain(text, default_region)
        if not isinstance(simple, RejectReason) or text.removeprefix("+").isdigit():
            return simple
    cleaned = _text_of(written)
    if isinstance(cleaned, RejectReason):
        return cleaned
    text = cleaned
    if _is_digits(text):  # no sign between numbers, no word, no bracket
        return _read_plain(text, default_region)
    if spellings.is_range(text):
        return RejectReason.NUMBER_RANGE
    if spellings.worded_extension(text) is None and len(spellings.pieces(text)) > 1:
        return RejectReason.SEVERAL_NUMBERS
    found = _read_one(text, default_region)
    if found is RejectReason.NUMBER_HAS_LETTERS and (run := spellings.only_run(text)):
        again = _read_one(run[0], default_region)
        if not isinstance(again, RejectReason):
            return again._replace(extension=again.extension or run[1])
    return found


def read_numbers(written: str, default_region: str) -> tuple[tuple[NumberReading, ...], tuple[str, ...]] | RejectReason:
    """All numbers that a cell holds, in their order, and what besides looks like one and is none."""
    one = read_number(written, default_region)
    if not isinstance(one, RejectReason):
        return (one,), ()
    text = _text_of(written)
    if one is not RejectReason.SEVERAL_NUMBERS or isinstance(text, RejectReason):
        return one
    found = [(part, read_number(part, default_region)) for part in spellings.pieces(text)]
    readings = dict.fromkeys(reading for _, reading in found if not isinstance(reading, RejectReason))
    left_out = tuple(part for part, reading in found if isinstance(reading, RejectReason))
    return (tuple(readings), left_out) if readings else one


def _text_of(written: str) -> str | RejectReason:
    """The cell without what carries no meaning, or why nothing is left of it."""
    if len(written) > NUMBER_CHARS_MAX:
        return RejectReason.NUMBER_TOO_LONG
    text = spellings.cleaned(written)
    if not text:
        return RejectReason.NUMBER_INVALID if written.strip(_BLANKS) else RejectReason.NUMBER_MISSING
    if _is_digits(text):
        return text
    if scientific := _SCIENTIFIC.fullmatch(text):
        lead, fraction, exponent = scientific[1], scientific[2] or "", int(scientific[3])
        return lead + fraction if len(fraction) == exponent else RejectReason.NUMBER_DIGITS_LOST
    if spellings.is_masked(text) and not spellings.is_range(text):
        return RejectReason.NUMBER_MASKED
    return spellings.without_notes(text) or RejectReason.NUMBER_INVALID


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _read_one(text: str, default_region: str) -> NumberReading | RejectReason:
    """One number, with or without an extension behind it."""
    extension = ""
    if with_extension := spellings.worded_extension(text):
        text, extension = with_extension
    if not _PLAIN.fullmatch(text):
        has_letters = any(char.isalpha() for char in text)
        return RejectReason.NUMBER_HAS_LETTERS if has_letters else RejectReason.NUMBER_INVALID
    found = _read_plain(text, default_region)
    if isinstance(found, RejectReason) and (bracketed := _COUNTRY_IN_BRACKETS.fullmatch(text)):
        again = _read_plain(f"+{bracketed[1]}{bracketed[2]}", default_region)
        found = found if isinstance(again, RejectReason) else again
    if isinstance(found, RejectReason) and not extension and (behind := spellings.tail(text)):
        again = _read_plain(behind[0], default_region)
        if not isinstance(again, RejectReason) and again.number_class not in _WITHOUT_EXTENSION:
            found, extension = again, behind[1]
    if isinstance(found, RejectReason):
        return found
    return found._replace(extension=extension) if extension else found


def china_mobile(written: str, default_region: str) -> NumberReading | None:
    """The short way for the commonest form: a Chinese mobile number, with or without its country code.

    It gives what `phonenumbers` gives, from the same pattern, at a tenth of its cost.
    """
    if len(written) == _CHINA_MOBILE_DIGITS and _is_digits(written):  # no form to look for
        if default_region != "CN":
            return None
        digits = written
    else:
        match = _china_mobile_form().fullmatch(written)
        if match is None or (match[1] != "+86" and default_region != "CN"):  # 00 is dialled otherwise in other regions
            return None
        digits = match[2] + match[3] + match[4]
    if not _china_mobile_plan().fullmatch(digits):
        return None
    return NumberReading(PhoneNumber("+86" + digits), NumberClass.MOBILE, "CN", _china_zone_names())


@cache
def _china_mobile_form() -> re.Pattern[str]:
    return re.compile(r" *(\+86|0086)?[ -]?(1[0-9]{2})([ -]?[0-9]{4})([ -]?[0-9]{4}) *")


@cache
def _china_mobile_plan() -> re.Pattern[str]:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region("CN")
    assert metadata is not None
    assert metadata.mobile is not None
    return re.compile(str(metadata.mobile.national_number_pattern))


@cache
def _china_zone_names() -> tuple[str, ...]:
    return _zone_names(phonenumbers.parse("+8613800138000"), "CN", PhoneNumberType.MOBILE)


def _read_plain(text: str, default_region: str) -> NumberReading | RejectReason:
    mobile = china_mobile(text, default_region)
    if mobile is not None:
        return mobile
    short = _short_code(text, default_region)
    if short is not None:
        return short
    is_virtual = _CHINA_VIRTUAL.fullmatch(text.translate(_NO_JOINERS)) is not None
    try:
        parsed = phonenumbers.parse(text.replace("/", " "), default_region)
    except NumberParseException as error:
        unparsed = _UNPARSED.get(error.error_type, RejectReason.NUMBER_INVALID)
        return RejectReason.NUMBER_VIRTUAL if is_virtual and default_region == "CN" else unparsed
    kind = phonenumbers.number_type(parsed)  # asked once: it is what both validity and zones are told by
    if kind == PhoneNumberType.UNKNOWN:
        is_chinese = parsed.country_code == _CHINA_COUNTRY_CODE
        return RejectReason.NUMBER_VIRTUAL if is_virtual and is_chinese else _why_invalid(parsed)
    if parsed.country_code == _CHINA_COUNTRY_CODE and _has_lost_digits(text, str(parsed.national_number)):
        return RejectReason.NUMBER_TOO_LONG
    region = phonenumbers.region_code_for_number(parsed)
    number_class = _CLASSES.get(kind, NumberClass.OTHER)
    if region == "CN" and number_class in (NumberClass.FIXED, NumberClass.OTHER) and _is_china_service(parsed):
        number_class = NumberClass.SHORT
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if len(e164) > 1 + E164_DIGITS_MAX:  # the tables call some longer German and Japanese ones valid
        return RejectReason.NUMBER_TOO_LONG
    zone_names = _zone_names(parsed, region, kind)
    return NumberReading(PhoneNumber(e164), number_class, region if region != "001" else None, zone_names)


def _has_lost_digits(text: str, national: str) -> bool:
    """Whether the tables took five digits in front for a carrier's code: `12345 13800138000` is no number of one."""
    before = _NO_DIGIT.sub("", text).removesuffix(national)
    return re.fullmatch(r"(?:0?0?86)?1[12]\d{3}", before) is not None


def _why_invalid(parsed: phonenumbers.PhoneNumber) -> RejectReason:
    national = str(parsed.national_number)
    if parsed.country_code == _CHINA_COUNTRY_CODE:
        if re.match("1[3-9]", national) and len(national) != _CHINA_MOBILE_DIGITS:
            is_short = len(national) < _CHINA_MOBILE_DIGITS
            return RejectReason.NUMBER_TOO_SHORT if is_short else RejectReason.NUMBER_TOO_LONG
        if len(national) in _CHINA_LOCAL_DIGITS:
            return RejectReason.AREA_CODE_MISSING
    why = phonenumbers.is_possible_number_with_reason(parsed)
    return _INVALID.get(why, RejectReason.NUMBER_INVALID)


def _short_code(text: str, default_region: str) -> NumberReading | None:
    """Emergency and service codes, also where a country code was put before them: +86110, 0086 10086."""
    digits = _NO_DIGIT.sub("", text)
    country_code = str(phonenumbers.country_code_for_region(default_region))
    is_international = text.startswith("+") or digits.startswith("00")
    if is_international:
        digits = digits.removeprefix("00")
        if not digits.startswith(country_code):
            return None
        digits = digits[len(country_code) :]
    candidates = [digits]
    if not is_international and digits.startswith(country_code):
        candidates.append(digits[len(country_code) :])
    for code in candidates:
        if 3 <= len(code) <= _SHORT_DIGITS_MAX and (number_class := _short_class(code, default_region)):
            return NumberReading(PhoneNumber(f"+{country_code}{code}"), number_class, default_region, ())
    return None


@cache
def _short_regions() -> frozenset[str]:
    return frozenset(phonenumbers.SUPPORTED_SHORT_REGIONS)


def _short_class(code: str, region: str) -> NumberClass | None:
    if region not in _short_regions():
        return None
    if shortnumberinfo.is_emergency_number(code, region):
        return NumberClass.EMERGENCY
    parsed = phonenumbers.PhoneNumber(
        country_code=phonenumbers.country_code_for_region(region), national_number=int(code)
    )
    if code.startswith("0") or phonenumbers.is_valid_number(parsed):
        return None
    if shortnumberinfo.is_valid_short_number_for_region(parsed, region):
        cost = shortnumberinfo.expected_cost_for_region(parsed, region)
        return NumberClass.PREMIUM if cost == shortnumberinfo.ShortNumberCost.PREMIUM_RATE else NumberClass.SHORT
    return NumberClass.SHORT if region == "CN" and _CHINA_SERVICE.fullmatch(code) else None


def _is_china_service(parsed: phonenumbers.PhoneNumber) -> bool:
    """Whether a service code follows the area code (two digits for 10 and 2x, three elsewhere)."""
    national = str(parsed.national_number)
    if national.startswith(_CHINA_WHOLE):
        return False
    area_digits = 2 if national.startswith(("10", "2")) else 3
    return len(national) - area_digits < min(_CHINA_LOCAL_DIGITS)


def _zone_names(parsed: phonenumbers.PhoneNumber, region: str | None, kind: int) -> tuple[str, ...]:
    """Every zone in which a person with this number may be.

    The tables name a zone by area code and exchange. Where an area code lies in several zones that is no knowledge:
    mobile numbers have no place in an exchange, and an exchange that the tables lack gets the area's commonest zone.
    """
    is_geographical = phonenumbers.is_number_type_geographical(kind, parsed.country_code or 0)
    zones_of = timezone.time_zones_for_geographical_number if is_geographical else timezone.time_zones_for_number
    names: tuple[str, ...] = zones_of(parsed)
    own = _OF_ONE_REGION.get(region or "")
    if own is not None and len(names) > len(own):
        return own
    if names == ("Etc/Unknown",):
        return ()
    if parsed.country_code == _NORTH_AMERICA:
        more = SPLIT_AREA_CODES.get(str(parsed.national_number)[:3], ())
    else:
        more = _zones_below(f"{parsed.country_code}{parsed.national_number}")
    return names if set(more) <= set(names) else tuple(sorted({*names, *more}))


def _zones_below(digits: str) -> tuple[str, ...]:
    """The zones of all finer entries below the entry that the tables have for a number."""
    for size in range(min(len(digits), TIMEZONE_LONGEST_PREFIX), 0, -1):
        if digits[:size] in TIMEZONE_DATA:
            return _finer_zones().get(digits[:size], ())
    return ()


def is_zone_of_numbers(name: str) -> bool:
    """Whether an IANA name stands in the tables of numbers, which know most zones that people live in."""
    return name in _zones_of_numbers()


@cache
def _zones_of_numbers() -> frozenset[str]:
    return frozenset(name for names in TIMEZONE_DATA.values() for name in names)


@cache
def _finer_zones() -> dict[str, tuple[str, ...]]:
    """Prefix -> the zones of the longer prefixes under it, for every prefix of the tables that has some."""
    found: dict[str, set[str]] = {}
    for prefix, names in TIMEZONE_DATA.items():
        for size in range(1, len(prefix)):
            if prefix[:size] in TIMEZONE_DATA:
                found.setdefault(prefix[:size], set()).update(names)
    return {prefix: tuple(sorted(names)) for prefix, names in found.items()}
