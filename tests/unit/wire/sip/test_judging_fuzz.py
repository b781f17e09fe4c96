"""Unit: requests are judged before a transaction is made of them, whatever they hold."""

from tests.fuzzing import fuzz
from tests.unit.wire.sip.desk import FAR, Desk
from tests.unit.wire.sip.test_message import SEEDS

from baitie.kernel.time import Instant
from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.headers import via_untrusted
from baitie.wire.sip.judging import bad_extension_untrusted, malformed_untrusted, outside_untrusted
from baitie.wire.sip.message import Request, parse_message_untrusted


def test_judging_a_request_raises_nothing_and_reading_its_way_back_the_one_error_only() -> None:
    def judge(data: bytes) -> None:
        message = parse_message_untrusted(data)
        if isinstance(message, Request):
            malformed_untrusted(message)
            bad_extension_untrusted(message)
            outside_untrusted(message, frozenset(("INFO",)))
        via_untrusted(message.first("via"))

    fuzz(judge, SipParseError, SEEDS)


def test_bytes_that_are_no_message_are_refused_without_an_error() -> None:
    desk = Desk()

    def refuse(data: bytes) -> None:
        desk.agent.refuse_untrusted(data, FAR, Instant(desk.now))
        desk.sent()

    fuzz(refuse, AssertionError, SEEDS)
