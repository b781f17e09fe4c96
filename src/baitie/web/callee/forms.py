"""What the page's forms send: bounded, checked field by field, with a token that only the page itself can give."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import TypeAlias, TypeVar
from urllib.parse import parse_qsl

from baitie.app.page.callee_page import CallBackWish
from baitie.domain.consent.register import Preference, ReachChannel
from baitie.domain.namecard.page_code import PageCode
from baitie.kernel.errors import Party, WireError
from baitie.kernel.ids import CalleeId
from baitie.kernel.purpose import Purpose
from baitie.kernel.time import Window

FORM_OCTETS_MAX = 4096
FIELDS_MAX = 40
FORM_TYPE = "application/x-www-form-urlencoded"
TOKEN_HOURS = 3
"""So long a page may lie open before its forms are sent; then it is shown again. The one that refuses is taken for as
long as the card has a page: nobody who says no is asked to say it twice."""

CALL_BACK_DAYS_MAX = 14
_HOUR_S = 3600
_TOKEN_DIGITS = 32
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


class FormError(WireError):
    """What the browser sent is not a form of this page. Open the page again and send the form from there."""

    code = "form-malformed"
    party = Party.CALLEE


class Act(StrEnum):
    """What a form does (页面操作); also the last part of its address."""

    STOP = "stop"
    WISH = "wish"
    CALL_BACK = "call-back"
    COMPLAIN = "complain"
    FORGET = "forget"


class DayPart(StrEnum):
    """Part of the day (时段) for a call back."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class Grievance(StrEnum):
    """What a complaint is about (投诉原因)."""

    UNWANTED = "unwanted"
    TOO_OFTEN = "too_often"
    BAD_HOUR = "bad_hour"
    MISLEADING = "misleading"
    RUDE = "rude"
    OTHER = "other"


PART_HOURS = {
    DayPart.MORNING: (time(9), time(12)),
    DayPart.AFTERNOON: (time(14), time(18)),
    DayPart.EVENING: (time(18), time(20)),
}

Form: TypeAlias = Mapping[str, Sequence[str]]
_Word = TypeVar("_Word", bound=StrEnum)


def read_form_untrusted(body: bytes) -> dict[str, list[str]]:
    """The fields of a form. Raises `FormError` where there are too many, too long, or no text."""
    if len(body) > FORM_OCTETS_MAX:
        raise FormError(octets=len(body), octets_max=FORM_OCTETS_MAX)
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_MAX, encoding="utf-8", errors="strict"
        )
    except (UnicodeDecodeError, ValueError) as error:
        raise FormError(cause=type(error).__name__) from error
    form: dict[str, list[str]] = {}
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form


@dataclass(frozen=True, slots=True)
class FormTokens:
    """Tokens (表单令牌): an HMAC over code, act and hour. Who has not seen the page cannot send its forms."""

    key: bytes

    def token(self, code: PageCode, act: Act, at: datetime) -> str:
        """The token of a form that is shown now."""
        return self._of(code, act, _hours(act, at)[0])

    def is_right(self, given: str, code: PageCode, act: Act, at: datetime) -> bool:
        """Whether the page gave this token for this form within the last hours."""
        tokens = [self._of(code, act, hour) for hour in _hours(act, at)]
        octets = given.encode("utf-8", "replace")
        return sum(hmac.compare_digest(octets, token.encode()) for token in tokens) > 0

    def receipt(self, code: PageCode, act: Act, said: Sequence[str], at: datetime) -> str:
        """What the address of the next page carries of an act that was done: only who did it is told that it was."""
        body = "~".join((act.value, *said, str(int(at.timestamp()) // _HOUR_S)))
        return f"{body}~{self._mac(f'done {code.text()} {body}')}"

    def read_receipt(self, given: str, code: PageCode, at: datetime) -> tuple[Act, list[str]] | None:
        """The act and what was said of it; None for what this page did not write, and after some hours."""
        body, _, mac = given.rpartition("~")
        if not hmac.compare_digest(mac.encode("utf-8", "replace"), self._mac(f"done {code.text()} {body}").encode()):
            return None
        act, *said, hour = body.split("~")
        age = int(at.timestamp()) // _HOUR_S - int(hour)
        return (Act(act), said) if 0 <= age < TOKEN_HOURS else None

    def _of(self, code: PageCode, act: Act, hour: int) -> str:
        return self._mac(f"{code.text()} {act.value} {hour}")

    def _mac(self, said: str) -> str:
        return hmac.digest(self.key, said.encode("utf-8", "replace"), hashlib.sha256).hex()[:_TOKEN_DIGITS]


def _hours(act: Act, at: datetime) -> Sequence[int]:
    """The hours whose tokens are right, the present one first; a token to refuse is of no hour."""
    hour = int(at.timestamp()) // _HOUR_S
    return (0,) if act is Act.STOP else [hour - age for age in range(TOKEN_HOURS)]


def first(form: Form, name: str) -> str:
    """The first value of a field; "" where there is none."""
    values = form.get(name) or [""]
    return values[0]


def wish_of(form: Form, callee_id: CalleeId, at: datetime) -> Preference:
    """What the callee wishes from now on. Raises `FormError`."""
    opens, closes = first(form, "from"), first(form, "until")
    windows: tuple[Window, ...] = ()
    if opens or closes:
        if opens == closes:
            raise FormError(field="until")
        windows = (Window(_clock(opens, "from"), _clock(closes, "until")),)
    language = first(form, "language")
    if language not in ("", "zh", "en"):
        raise FormError(field="language")
    purposes = frozenset(_words(Purpose, form.get("purpose", ()), "purpose"))
    channels = frozenset(_words(ReachChannel, form.get("channel", ()), "channel"))
    return Preference(
        callee_id=callee_id,
        set_at=at,
        actor="callee",
        windows=windows,
        purposes=None if purposes == frozenset(Purpose) else purposes,
        channels=None if channels == frozenset(ReachChannel) else channels,
        language=language or None,
    )


def call_back_of(form: Form, at: datetime, zone: tzinfo) -> CallBackWish:
    """When the callee would like to be called. Raises `FormError` for times that are past or far away."""
    try:
        day = date.fromisoformat(first(form, "on"))
    except ValueError as error:
        raise FormError(field="on") from error
    (part,) = _words(DayPart, [first(form, "part")], "part")
    opens, closes = PART_HOURS[part]
    today = at.astimezone(zone).date()
    until = datetime.combine(day, closes, zone)
    if not today <= day <= today + timedelta(days=CALL_BACK_DAYS_MAX) or until <= at:
        raise FormError(field="on")
    return CallBackWish(max(datetime.combine(day, opens, zone), at), until)


def grievance_of(form: Form) -> Grievance:
    """What is complained of. Raises `FormError`."""
    (about,) = _words(Grievance, [first(form, "about")], "about")
    return about


def is_sure(form: Form) -> bool:
    """Whether the box is ticked without which nothing is destroyed."""
    return first(form, "sure") == "yes"


def _clock(text: str, name: str) -> time:
    found = _TIME.fullmatch(text)
    if found is None:
        raise FormError(field=name)
    return time(int(found[1]), int(found[2]))


def _words(kind: type[_Word], values: Sequence[str], name: str) -> list[_Word]:
    try:
        return [kind(value) for value in values]
    except ValueError as error:
        raise FormError(field=name) from error
