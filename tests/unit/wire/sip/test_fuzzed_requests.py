"""Requests of anybody are judged, and answered or not, whatever their bytes: nothing is raised but the one error."""

from pathlib import Path

from tests.fuzzing import fuzz
from tests.unit.wire.sip.desk import FAR, Desk
from tests.unit.wire.sip.test_message import SEEDS

from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.headers import via_untrusted
from baitie.wire.sip.judging import bad_extension_untrusted, malformed_untrusted, outside_untrusted
from baitie.wire.sip.message import Request, parse_message_untrusted

TORTURE = [path.read_bytes() for path in sorted((Path(__file__).parents[3] / "data" / "rfc4475").glob("*.dat"))]


def judge(data: bytes) -> None:
    """The three questions, of whatever can be read as a request; of these none may raise even the one error."""
    message = parse_message_untrusted(data)
    if isinstance(message, Request):
        try:
            malformed_untrusted(message)
            bad_extension_untrusted(message)
            outside_untrusted(message, frozenset({"REGISTER"}))
        except SipParseError as error:
            raise AssertionError("a question about a request raised") from error


def test_questions_about_a_fuzzed_request_raise_nothing() -> None:
    fuzz(judge, SipParseError, [*SEEDS, *TORTURE])


def test_fuzzed_vias_raise_the_one_error_only() -> None:
    seeds = [b"SIP/2.0/UDP h;rport;branch=z9hG4bKx", b'SIP / 2.0 / TCP [::1]:5060;a="b;c"', b"SIP/7.0/UDP h"]
    fuzz(lambda data: via_untrusted(data.decode("utf-8", "replace")), SipParseError, seeds)


def test_refusing_what_is_no_message_raises_nothing_and_answers_at_most_once() -> None:
    desk = Desk()

    def refuse(data: bytes) -> None:
        desk.agent.refuse_untrusted(data, FAR, desk.now)
        assert len(desk.sent()) <= 1

    fuzz(refuse, ZeroDivisionError, [*SEEDS, *TORTURE])  # no error is expected of it
