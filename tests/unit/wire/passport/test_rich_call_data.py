"""Rich call data: rules of its fields, digests of what stands at its addresses, vectors of RFC 9795."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baitie.wire.passport import CallerCard, PassportArgumentError, RichCallData, check_integrity, integrity_of
from baitie.wire.passport.encoding import signed_json
from baitie.wire.passport.integrity import (
    IntegrityFault,
    digest_of_json,
    digest_of_octets,
    is_digest_of,
    resolve_pointer,
)

VECTORS = tomllib.loads((Path(__file__).parents[3] / "data/passport/rfc9795.toml").read_text("utf-8"))["vector"]
LOGO, CARD = "https://cards.example/logo-256x256.png", "https://cards.example/card.json"
PICTURE = b"\x89PNG picture"


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['section']}{vector['pointer']}")
def test_digest_is_that_of_the_rfc(vector: dict[str, Any]) -> None:
    assert digest_of_json(json.loads(vector["value"])) == vector["digest"]


def test_signed_json_has_sorted_keys_and_no_white_space_and_plain_chinese() -> None:
    assert signed_json({"b": [1, True], "a": {"名": "拜帖"}}) == '{"a":{"名":"拜帖"},"b":[1,true]}'.encode()


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_digest_of_each_algorithm_recognises_its_octets_and_no_others(algorithm: str) -> None:
    digest = digest_of_octets(PICTURE, algorithm)
    assert is_digest_of(digest, PICTURE)
    assert is_digest_of(digest + "=", PICTURE)
    assert not is_digest_of(digest, PICTURE + b"!")
    assert not is_digest_of("md5-" + digest.partition("-")[2], PICTURE)


@pytest.mark.parametrize(
    "wrong",
    [
        RichCallData("云杉优选", icn="http://cards.example/logo.png"),
        RichCallData("云杉优选", apn="+86 10"),
        RichCallData("云杉优选", jcd=["vcard", []], jcl=CARD),
        RichCallData("云杉\n优选"),
        RichCallData("x" * 129),
        RichCallData("云杉优选", jcl="data:application/json,[]"),
    ],
)
def test_fields_that_break_a_rule_are_not_signed(wrong: RichCallData) -> None:
    with pytest.raises(PassportArgumentError):
        wrong.to_json()


def rich(pictures: dict[str, bytes]) -> tuple[RichCallData, dict[str, bytes]]:
    """Rich call data with a card at an address, and what all addresses give."""
    card = CallerCard("云杉优选", "云杉电子商务有限公司", "+861055550100", tuple(pictures), "zh-CN")
    contents = {LOGO: PICTURE, CARD: json.dumps(card.to_json()).encode(), **pictures}
    return RichCallData("云杉优选", icn=LOGO, jcl=CARD), contents


def test_every_address_gets_a_digest_those_in_the_fetched_card_too() -> None:
    rcd, contents = rich({"https://cards.example/a-64x64.png": b"a", "https://cards.example/b-64x64.png": b"b"})
    digests = integrity_of(rcd, contents)
    assert sorted(digests) == ["/icn", "/jcl", "/jcl/1/5/3", "/jcl/1/6/3"]
    texts = {pointer: str(digest) for pointer, digest in digests.items()}
    assert check_integrity(rcd, texts, contents) == ()


def test_card_inline_needs_digests_only_for_its_pictures() -> None:
    rcd = RichCallData("云杉优选", jcd=CallerCard("云杉优选", logos=(LOGO,)).to_json())
    assert sorted(integrity_of(rcd, {LOGO: PICTURE})) == ["/jcd/1/2/3"]


def test_content_that_is_not_at_hand_is_never_signed_for() -> None:
    with pytest.raises(PassportArgumentError):
        integrity_of(RichCallData("云杉优选", icn=LOGO), {})


def test_changed_picture_is_found_by_its_place_and_the_rest_stays_good() -> None:
    picture = "https://cards.example/a-64x64.png"
    rcd, contents = rich({picture: b"a"})
    digests = {pointer: str(digest) for pointer, digest in integrity_of(rcd, contents).items()}
    findings = check_integrity(rcd, digests, {**contents, picture: b"forged"})
    assert [(found.pointer, found.fault) for found in findings] == [("/jcl/1/5/3", IntegrityFault.DIFFERS)]


def test_changed_card_unfetched_content_and_missing_digests_are_told_apart() -> None:
    rcd, contents = rich({})
    digests = {pointer: str(digest) for pointer, digest in integrity_of(rcd, contents).items()}
    other = json.dumps(CallerCard("另一家").to_json()).encode()
    faults = {found.fault for found in check_integrity(rcd, digests, {LOGO: PICTURE, CARD: other})}
    assert faults == {IntegrityFault.DIFFERS}
    assert {found.fault for found in check_integrity(rcd, digests, {})} == {IntegrityFault.NOT_FETCHED}
    assert {found.fault for found in check_integrity(rcd, {}, contents)} == {IntegrityFault.MISSING}
    nowhere = {**digests, "/nowhere": digests["/icn"]}
    assert IntegrityFault.ADDRESSES_NOTHING in {found.fault for found in check_integrity(rcd, nowhere, contents)}


def test_pointer_follows_rfc_6901_with_its_escapes() -> None:
    document: Any = {"a/b": [10, {"m~n": 8}], "": 1}
    assert resolve_pointer(document, "/a~1b/1/m~0n") == 8
    assert resolve_pointer(document, "/") == 1
    assert resolve_pointer(document, "") == document
    for wrong in ("a", "/a~1b/01", "/a~1b/2", "/a~1b/-", "/a~1b/1/x/y"):
        with pytest.raises(KeyError):
            resolve_pointer(document, wrong)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_digest_depends_on_the_value_and_not_on_how_it_was_written(value: Any) -> None:
    try:
        written = json.dumps(value, indent=2).encode()
        value_digest = digest_of_json(value)
    except UnicodeEncodeError:
        return  # a lone surrogate has no UTF-8
    assert digest_of_json(json.loads(written)) == value_digest


def test_card_refuses_what_cannot_be_signed_for() -> None:
    for wrong in (CallerCard(""), CallerCard("a\nb"), CallerCard("云杉", logos=("http://plain.example/a.png",))):
        with pytest.raises(PassportArgumentError):
            wrong.to_json()
