"""PASSporTs and their SIP headers: written, read back, and refused when anything was changed."""

import hashlib
import hmac

import pytest
from tests.fuzzing import fuzz

from baitie.wire.passport import (
    MSG,
    RCD,
    CallInfo,
    IdentityHeader,
    Passport,
    PassportArgumentError,
    PassportError,
    PassportFault,
    RichCallData,
    call_info_text,
    canonical_number,
    message_digest,
    read_call_info_untrusted,
    read_identity_untrusted,
    read_passport_untrusted,
    verify_call,
    verify_message,
)
from baitie.wire.passport.encoding import (
    from_base64url_untrusted,
    read_json_untrusted,
    read_object_untrusted,
    to_base64url,
)

KEY = b"key"
X5U = "https://cards.example/passport.pem"
TEXT = "【云杉优选】将就您的订单致电回访,约2分钟"

"""Many small readers share the time of one."""


def sign(message: bytes) -> bytes:
    """A signature that needs no curve: here only its place in the token matters."""
    return hmac.digest(KEY, message, "sha512")


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    return hmac.compare_digest(hmac.digest(key, message, "sha512"), signature)


CALL = Passport(RCD, X5U, "861055550100", ("8613800000001",), 1_772_500_000, RichCallData("云杉优选"), crn="订单回访")
MESSAGE = Passport(
    MSG, X5U, "10690000", ("8613800000001",), 1_772_500_000, RichCallData("云杉优选"), msgi=message_digest(TEXT)
)


def test_token_is_header_and_claims_in_signed_form() -> None:
    header, claims, _ = CALL.signed(sign).split(".")
    assert from_base64url_untrusted(header) == f'{{"alg":"ES256","ppt":"rcd","typ":"passport","x5u":"{X5U}"}}'.encode()
    assert from_base64url_untrusted(claims).decode() == (
        '{"crn":"订单回访","dest":{"tn":["8613800000001"]},"iat":1772500000,'
        '"orig":{"tn":"861055550100"},"rcd":{"nam":"云杉优选"}}'
    )


@pytest.mark.parametrize("passport", [CALL, MESSAGE], ids=["rcd", "msg"])
def test_token_is_read_back_as_it_was_written(passport: Passport) -> None:
    found = read_passport_untrusted(passport.signed(sign))
    assert found.passport == passport
    assert found.message == passport.signing_input()
    assert found.signature == sign(found.message)


def test_same_statement_gives_the_same_token() -> None:
    assert CALL.signed(sign) == CALL.signed(sign)


@pytest.mark.parametrize(
    "wrong",
    [
        Passport(RCD, X5U, "861055550100", ("8613800000001",), 1),
        Passport(RCD, X5U, "+861055550100", ("8613800000001",), 1, crn="x"),
        Passport(RCD, X5U, "861055550100", (), 1, crn="x"),
        Passport(RCD, X5U, "861055550100", ("8613800000001",), 0, crn="x"),
        Passport(RCD, X5U, "861055550100", ("8613800000001",), 2**33, crn="x"),
        Passport(RCD, X5U, "861055550100", ("8613800000001",), 1, crn="x", rcdi={"/icn": "sha256-AA"}),
    ],
)
def test_statement_that_breaks_a_rule_of_its_kind_is_not_signed(wrong: Passport) -> None:
    with pytest.raises(PassportArgumentError):
        wrong.signed(sign)


def test_no_cut_of_a_token_is_read_as_a_token() -> None:
    token = CALL.signed(sign)
    for length in range(len(token)):
        with pytest.raises(PassportError):
            read_passport_untrusted(token[:length])


@pytest.mark.parametrize(
    "body",
    [b'{"a":1,"a":2}', b"[" * 40 + b"]" * 40, b'{"a":NaN}', b'"\\ud800"', b"\xff", b"[" * 5000, b"1" * 5000, b""],
    ids=["doubled", "deep", "nan", "surrogate", "not-utf8", "open", "digits", "empty"],
)
def test_json_that_two_readers_may_read_differently_is_refused(body: bytes) -> None:
    with pytest.raises(PassportError):
        read_json_untrusted(body)


def test_base64url_has_one_way_to_write_octets() -> None:
    assert from_base64url_untrusted(to_base64url(b"\x00\xff\xfe")) == b"\x00\xff\xfe"
    for wrong in ("AA==", "AB", "A", "A+BC", "QQ\n"):
        with pytest.raises(PassportError):
            from_base64url_untrusted(wrong)


def test_genuine_call_is_believed() -> None:
    verdict = verify_call(
        CALL.signed(sign), [b"other", KEY], verify, caller="+86 10 5555-0100", callee="+8613800000001", unix_s=CALL.iat
    )
    assert verdict.is_genuine
    assert verdict.passport == CALL


def test_call_from_another_number_to_another_person_at_another_time_is_told_in_full() -> None:
    verdict = verify_call(
        CALL.signed(sign), [KEY], verify, caller="+861055550199", callee="+8613800000002", unix_s=CALL.iat + 61
    )
    assert verdict.faults == (PassportFault.STALE, PassportFault.ANOTHER_CALLER, PassportFault.ANOTHER_CALLEE)
    wrong_key = verify_call(
        CALL.signed(sign), [b"other"], verify, caller="861055550100", callee="8613800000001", unix_s=CALL.iat
    )
    assert wrong_key.faults == (PassportFault.NOT_SIGNED_BY_KEY,)


def test_message_proves_its_text_and_its_reader_and_no_others() -> None:
    token, years = MESSAGE.signed(sign), "+8613800000001"
    assert verify_message(token, [KEY], verify, text=TEXT, callee=years).is_genuine
    forged = verify_message(token, [KEY], verify, text=TEXT + " 请转账", callee=years)
    assert forged.faults == (PassportFault.ANOTHER_TEXT,)
    other = verify_message(token, [KEY], verify, text=TEXT, callee="+8613800000002")
    assert other.faults == (PassportFault.ANOTHER_CALLEE,)
    call = verify_message(CALL.signed(sign), [KEY], verify, text=TEXT, callee=years)
    assert PassportFault.ANOTHER_KIND in call.faults
    assert verify_message("rubbish", [KEY], verify, text=TEXT, callee=years).faults == (PassportFault.MALFORMED,)


@pytest.mark.parametrize("number", ["+86 (10) 5555-0100", "86.10.5555.0100"])
def test_numbers_are_signed_as_digits(number: str) -> None:
    assert canonical_number(number) == "861055550100"


def test_name_is_no_number() -> None:
    with pytest.raises(PassportArgumentError):
        canonical_number("Baitie")


# SIP headers


def test_identity_header_is_read_back() -> None:
    header = IdentityHeader(CALL.signed(sign), X5U, RCD)
    assert header.to_text().endswith(f";info=<{X5U}>;alg=ES256;ppt=rcd")
    assert read_identity_untrusted(header.to_text()) == header
    quoted = f'{header.token} ; info=<{X5U}> ; alg=ES256 ; ppt="rcd"'
    assert read_identity_untrusted(quoted) == header


def test_call_info_is_read_back_with_quotes_commas_and_chinese() -> None:
    elements = (
        CallInfo("https://cards.example/card.json", "jcard", '订单"回访", 2\\分', "sha256-AA"),
        CallInfo("https://cards.example/logo-256x256.png", "icon"),
        CallInfo("data:", "jcard", "回访"),
    )
    assert read_call_info_untrusted(call_info_text(elements)) == elements


def test_headers_hold_no_line_breaks() -> None:
    for wrong in (CallInfo("https://a.example/\r\nX: y", "icon"), CallInfo("https://a.example", "icon", "a\r\nb")):
        with pytest.raises(PassportArgumentError):
            wrong.to_text()
    with pytest.raises(PassportArgumentError):
        IdentityHeader("a.b.c", "https://a.example/>\r\n").to_text()


# Fuzzing


def test_fuzz_token() -> None:
    seeds = [CALL.signed(sign).encode(), MESSAGE.signed(sign).encode()]
    digest = hashlib.sha256(b"x").hexdigest()
    claims = to_base64url(
        f'{{"orig":{{"tn":"1"}},"dest":{{"tn":["2"]}},"iat":1,"rcdi":{{"/icn":"{digest}"}}}}'.encode()
    )
    seeds.append(f"{seeds[0].decode().partition('.')[0]}.{claims}.{'A' * 86}".encode())
    fuzz(lambda data: read_passport_untrusted(data.decode("utf-8", "replace")), PassportError, seeds)


def test_fuzz_claims() -> None:
    """Mutations behind the base64, so that they reach the claims."""
    header, claims, signature = CALL.signed(sign).split(".")

    def read(data: bytes) -> object:
        return read_passport_untrusted(f"{header}.{to_base64url(data)}.{signature}")

    rich = (
        b'{"orig":{"tn":"1"},"dest":{"tn":["2"]},"iat":1,"rcd":{"nam":"","jcd":["vcard",[]]},"rcdi":{"/x":"sha256-A"}}'
    )
    fuzz(read, PassportError, [from_base64url_untrusted(claims), rich])


def test_fuzz_json() -> None:
    seeds = [b'{"a":[1,"x",null,{"b":true}]}', b'["vcard",[["fn",{},"text","x"]]]']
    fuzz(read_json_untrusted, PassportError, seeds)
    fuzz(read_object_untrusted, PassportError, seeds)
    fuzz(lambda data: from_base64url_untrusted(data.decode("latin-1")), PassportError, [b"AAECAw", b"-_-_"])


def test_fuzz_headers() -> None:
    """`read_identity_untrusted` and `read_call_info_untrusted`."""
    identity = IdentityHeader(CALL.signed(sign), X5U, RCD).to_text().encode()
    info = b'<https://a.example/c>;purpose=jcard;call-reason="a \\" b",<data:>;purpose=icon;verified="true"'
    fuzz(lambda data: read_identity_untrusted(data.decode("utf-8", "replace")), PassportError, [identity])
    fuzz(lambda data: read_call_info_untrusted(data.decode("utf-8", "replace")), PassportError, [info, identity])
