"""Session timers (会话定时器): RFC 4028. Who refreshes, how often, and when the call is given up."""

from typing import Final, NamedTuple

from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.headers import option_tags, parse_params, parse_seconds_untrusted
from baitie.wire.sip.message import Message, Request

LOWEST_MIN_SE_S: Final = 90
"""RFC 4028 §4: no Min-SE is below."""
MAX_INTERVAL_S: Final = 86_400
"""A longer interval is taken as this one: no call lasts a day."""


class SessionTimer(NamedTuple):
    """What both sides agreed on. `interval_s` counts from the last refresh."""

    interval_s: int
    we_refresh: bool

    @property
    def refresh_after_s(self) -> float:
        """When the refresher refreshes: half of the interval (RFC 4028 §10)."""
        return self.interval_s / 2

    @property
    def give_up_after_s(self) -> float:
        """When a side that saw no refresh hangs up (RFC 4028 §10)."""
        return self.interval_s - min(32.0, self.interval_s / 3)


class TooSmall(NamedTuple):
    """The far end asks for an interval below ours: answer 422 with this Min-SE."""

    min_se_s: int


def from_answer(response: Message) -> SessionTimer | None:
    """The timer that a 2xx to our request sets; `None` when the far end wants none. Raises `SipParseError`."""
    value = response.first("session-expires")
    if not value:
        return None
    interval_s, refresher = _session_expires(value)
    return SessionTimer(interval_s, refresher != "uas")


def from_request(request: Request, min_se_s: int) -> SessionTimer | TooSmall | None:
    """The timer with which we answer a request; `None` when it asks for none. Raises `SipParseError`."""
    value = request.first("session-expires")
    if not value:
        return None
    interval_s, refresher = _session_expires(value)
    peer_knows = "timer" in option_tags(request.every("supported"))
    if interval_s < min_se_s:
        if peer_knows:
            return TooSmall(min_se_s)
        interval_s = min_se_s
    if refresher:
        return SessionTimer(interval_s, refresher == "uas")
    return SessionTimer(interval_s, not peer_knows)


def answer_lines(timer: SessionTimer) -> str:
    """Header lines of the 2xx that agrees to the timer. Require only when the far end must refresh (RFC 4028 §9)."""
    if timer.we_refresh:
        return f"Session-Expires: {timer.interval_s};refresher=uas\r\n"
    return f"Require: timer\r\nSession-Expires: {timer.interval_s};refresher=uac\r\n"


def request_lines(interval_s: int, min_se_s: int, refresher: str = "") -> str:
    """Header lines of a request that asks for a timer."""
    role = f";refresher={refresher}" if refresher else ""
    floor = f"Min-SE: {min_se_s}\r\n" if min_se_s > LOWEST_MIN_SE_S else ""
    return f"Session-Expires: {max(interval_s, min_se_s)}{role}\r\n{floor}"


def min_se_of(response: Message) -> int:
    """The Min-SE of a 422, 0 when it cannot be read."""
    try:
        return min(parse_seconds_untrusted(response.first("min-se")), MAX_INTERVAL_S)
    except SipParseError:
        return 0


def _session_expires(value: str) -> tuple[int, str]:
    interval_s = min(parse_seconds_untrusted(value), MAX_INTERVAL_S)
    if interval_s < 1:
        raise SipParseError("Session-Expires is zero.")
    _, semicolon, rest = value.partition(";")
    refresher = parse_params(semicolon + rest).get("refresher", "").lower() if semicolon else ""
    return interval_s, refresher if refresher in ("uac", "uas") else ""
