"""Fields of a vendor's interface: written as published, read with bounds, by other names where the settings say so."""

import json

import pytest
from tests.fuzzing import fuzz

from baitie.wire.vendor import (
    DEFAULT_DIALECT,
    AskedAgain,
    Receipt,
    Submission,
    Taken,
    Turned,
    VendorAnswerError,
    VendorDialect,
    failure_of,
    read_answer_untrusted,
    read_receipts_untrusted,
    signature_of,
    submission_body,
)
from baitie.wire.vendor.submissions import is_signed

SUBMISSION = Submission("at_1", "+8613800000001", "【云杉优选】即将致电回访", "10690000", True, 59.6)
OWN = VendorDialect(
    fields={"mobile": "phone", "code": "status", "uid": "msgid"}, codes={"SUCCESS": "ok"}, country_code=""
)

"""Many small readers share the time of one."""


def test_submission_has_the_published_fields() -> None:
    assert json.loads(submission_body(SUBMISSION, "k", DEFAULT_DIALECT)) == {
        "key": "k",
        "sign": "云杉优选",
        "mobile": "13800000001",
        "content": "即将致电回访",
        "smstype": 8,
        "reference": "at_1",
        "extend": "10690000",
        "validity_s": 60,
    }


def test_other_vendors_names_numbers_and_codes_stand_over_these() -> None:
    body = json.loads(submission_body(SUBMISSION, "k", OWN))
    assert body["phone"] == "8613800000001"
    assert read_answer_untrusted(200, b'{"status":"SUCCESS","msgid":7}', None, OWN) == Taken("7")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b'{"code":0,"uid":"a1"}', Taken("a1")),
        (200, b'{"code":"4"}', Turned(failure_of("callee-number-invalid"))),
        (200, b'{"code":77}', Turned(failure_of("vendor-refused"))),
        (200, b'{"code":6}', AskedAgain(failure_of("throttled"), 2.0)),
        (500, b"oops", AskedAgain(failure_of("vendor-system-error"), 2.0)),
        (403, b"", Turned(failure_of("key-wrong"))),
    ],
)
def test_answers_are_taken_turned_or_asked_again(status: int, body: bytes, expected: object) -> None:
    assert read_answer_untrusted(status, body, "2", DEFAULT_DIALECT) == expected


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"code":0}', b'{"code":true,"uid":"x"}', b'{"code":0,"uid":""}'])
def test_success_that_says_nothing_is_none(body: bytes) -> None:
    with pytest.raises(VendorAnswerError):
        read_answer_untrusted(200, body, None, DEFAULT_DIALECT)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("MA:0001", "undeliverable"),
        (" mk:0010 ", "undeliverable"),
        ("FAIL", "undeliverable"),
        ("BLACK", "undeliverable"),
        ("NOROUTE", "undeliverable"),
        ("Undeliv", "undeliverable"),
        ("EXPIRE", "expired"),
        ("REJECT", "rejected"),
        ("SUCCESS", "delivered"),
        ("DeliveredToHandset", "delivered"),
        ("DELIVERY_FAILED", "unknown"),
    ],
)
def test_a_vendors_words_for_a_state_are_those_of_centres(word: str, state: str) -> None:
    (receipt,) = read_receipts_untrusted(json.dumps([{"uid": "v1", "stat": word}]).encode(), DEFAULT_DIALECT)
    assert receipt.state == state


def test_a_message_that_waits_in_the_network_has_no_receipt_yet() -> None:
    for word in ("BUFFERED", "RETRY", "ACCEPTED", "SENT", "enroute"):
        assert not read_receipts_untrusted(json.dumps([{"uid": "v1", "stat": word}]).encode(), DEFAULT_DIALECT)


def test_receipts_come_as_a_list_or_in_an_object_and_unknown_states_are_told() -> None:
    listed = b'[{"uid":"v1","stat":"DELIVRD"},{"reference":"at_2","stat":"ODD","err":"7"}]'
    expected = (Receipt(None, "v1", "delivered"), Receipt("at_2", None, "unknown", "7"))
    assert read_receipts_untrusted(listed, DEFAULT_DIALECT) == expected
    assert read_receipts_untrusted(b'{"receipts":' + listed + b"}", DEFAULT_DIALECT) == expected


GOOD = '{"uid":"v1","stat":"DELIVRD","err":"发送成功"}'


@pytest.mark.parametrize(
    "odd",
    [
        *("1", "null", "[]", '"x"', "{}", '{"uid":"v2"}', '{"stat":"DELIVRD"}', '{"uid":[],"stat":"DELIVRD"}'),
        *(
            '{"uid":"\\ud800","stat":"DELIVRD"}',
            '{"uid":"a\\u0000b","stat":"DELIVRD"}',
            '{"uid":1e999,"stat":"DELIVRD"}',
        ),
        *(
            '{"uid":"' + "9" * 200 + '","stat":"DELIVRD"}',
            '{"uid":true,"stat":"DELIVRD"}',
            '{"uid":"v2","stat":{"a":1}}',
        ),
    ],
)
def test_a_receipt_that_cannot_be_read_takes_no_other_with_it(odd: str) -> None:
    for listed in (f"[{odd},{GOOD}]", f"[{GOOD},{odd}]"):
        assert [one.uid for one in read_receipts_untrusted(listed.encode(), DEFAULT_DIALECT)] == ["v1"]
    with pytest.raises(VendorAnswerError):
        read_receipts_untrusted(f"[{odd}]".encode(), DEFAULT_DIALECT)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("body", [GOOD, f"[{GOOD}]", f'{{"receipts":[{GOOD}]}}'])
def test_receipts_are_read_alone_and_in_the_encodings_that_vendors_write(body: str, encoding: str) -> None:
    (receipt,) = read_receipts_untrusted(body.encode(encoding), DEFAULT_DIALECT)
    assert (receipt.uid, receipt.state, receipt.error) == ("v1", "delivered", "发送成功")


@pytest.mark.parametrize("body", ['{"uid":"v1"}', "{}", '{"receipts":{}}', '{"receipts":null}', "NaN", "", "[" * 5000])
def test_what_holds_no_receipt_is_refused_as_a_whole(body: str) -> None:
    with pytest.raises(VendorAnswerError):
        read_receipts_untrusted(body.encode(), DEFAULT_DIALECT)


def test_a_signature_counts_with_or_without_its_name_and_in_either_case() -> None:
    digits = signature_of(b"x", "s").removeprefix("sha256=")
    for right in (digits, digits.upper(), f"SHA256={digits}", f" sha256={digits.upper()} "):
        assert is_signed(b"x", right, "s")
    for wrong in (
        "sha256=",
        f"sha1={digits}",
        digits[:-1],
        f"{digits}0",
        f"{digits},{digits}",
        "sha256=sha256=" + digits,
    ):
        assert not is_signed(b"x", wrong, "s")


def test_signature_is_the_secrets_over_the_body() -> None:
    assert is_signed(b"x", signature_of(b"x", "s"), "s")
    for wrong in ("", "sha256=00", signature_of(b"x", "t"), "é"):
        assert not is_signed(b"x", wrong, "s")


def test_fuzz_answers_and_receipts() -> None:
    """`read_answer_untrusted` and `read_receipts_untrusted`."""
    seeds = [b'{"code":0,"uid":"a1"}', b'[{"uid":"v1","stat":"DELIVRD","err":null}]', b'{"receipts":[{"reference":1}]}']
    fuzz(lambda data: read_answer_untrusted(200, data, "9", DEFAULT_DIALECT), VendorAnswerError, seeds)
    fuzz(lambda data: read_receipts_untrusted(data, DEFAULT_DIALECT), VendorAnswerError, seeds)
