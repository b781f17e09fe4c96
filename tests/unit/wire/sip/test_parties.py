"""Who calls, and which number was dialled, as carriers write it (RFC 3261, 3323, 3325, 3966, 7315)."""

import pytest
from tests.fuzzing import fuzz
from tests.unit.wire.sip.desk import invite_text

from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.message import Request, parse_message_untrusted
from baitie.wire.sip.parties import DIALLED_MAX, parties_untrusted


def invite(uri: str = "sip:+8657188880000@10.0.0.1", extra: str = "", from_: str = "sip:+8613800000001@far") -> Request:
    """An INVITE with these parties."""
    text = invite_text(uri=uri, extra=extra).replace('"Far" <sip:far@10.0.0.2>', f"<{from_}>")
    message = parse_message_untrusted(text.encode())
    assert isinstance(message, Request)
    return message


@pytest.mark.parametrize(
    ("request_", "caller"),
    [
        (invite(), "+8613800000001"),
        (invite(from_="sip:013800000001;phone-context=+86@far;user=phone"), "013800000001"),
        (invite(from_="tel:+8613800000001;x=y"), "+8613800000001"),
        (invite(extra="P-Asserted-Identity: <sip:+8613900000002@carrier>, <tel:+8613900000002>\r\n"), "+8613900000002"),
        (invite(from_="sip:anonymous@anonymous.invalid", extra="P-Asserted-Identity: <tel:+8613900000002>\r\n"),
         "+8613900000002"),
    ],
)  # fmt: skip
def test_caller_is_who_the_carrier_asserts_else_who_from_names(request_: Request, caller: str) -> None:
    parties = parties_untrusted(request_)
    assert (parties.caller, parties.is_withheld) == (caller, False)


@pytest.mark.parametrize(
    "request_",
    [
        invite(from_="sip:anonymous@anonymous.invalid"),
        invite(from_="sip:far.example"),
        invite(extra="Privacy: id\r\n"),
        invite(extra="Privacy: user;critical\r\n"),
        invite(extra="P-Asserted-Identity: <tel:+8613900000002>\r\nPrivacy: id\r\n"),
    ],
)
def test_number_that_is_withheld_is_not_taken_from_wherever_it_stands(request_: Request) -> None:
    parties = parties_untrusted(request_)
    assert (parties.caller, parties.is_withheld) == ("", True)


def test_privacy_of_headers_alone_hides_nobody() -> None:
    assert not parties_untrusted(invite(extra="Privacy: header;session\r\n")).is_withheld


def test_dialled_number_is_the_called_party_else_the_request_uri_else_to() -> None:
    called = invite(uri="sip:baitie@10.0.0.1", extra="P-Called-Party-ID: <sip:+8657188880001@carrier>\r\n")
    assert parties_untrusted(called).dialled == ("+8657188880001", "baitie", "me")
    assert parties_untrusted(invite()).dialled == ("+8657188880000", "me")


@pytest.mark.parametrize("from_", ["mailto:a@b", f"sip:{'1' * 65}@far", "sip"])
def test_address_that_is_no_telephone_address_is_the_one_error(from_: str) -> None:
    with pytest.raises(SipParseError):
        parties_untrusted(invite(from_=from_))


def test_fuzzed_invites_cause_nothing_but_the_one_error() -> None:
    def read(data: bytes) -> None:
        message = parse_message_untrusted(data)
        if isinstance(message, Request):
            parties = parties_untrusted(message)
            assert len(parties.dialled) <= DIALLED_MAX
            assert all(len(user) <= 64 for user in (parties.caller, *parties.dialled))

    extra = (
        'P-Asserted-Identity: "A" <sip:+8613900000002@c>, <tel:+861>\r\nPrivacy: id;user\r\n'
        "P-Called-Party-ID: <tel:+86571>;x=1\r\n"
    )
    seeds = [invite_text(extra=extra).encode(), invite_text(uri="tel:+8657188880000;a=b").encode()]
    fuzz(read, SipParseError, seeds)
