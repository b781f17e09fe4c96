"""What an INVITE states: signed for two numbers and one instant, nothing of a person, nothing that discloses more."""

from datetime import UTC, datetime

import pytest

from baitie.adapters.signing.es256 import signer_of, verify_es256
from baitie.app.campaign.rich_call import ReasonFault, RichCallPlan, plan_rich_call, reason_fault
from baitie.app.ports.signing import CardSigning
from baitie.domain.namecard.dimensions import Industry, disclosure_max
from baitie.files.rule_files import read_card_words
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import Purpose
from baitie.wire.passport import (
    PassportArgumentError,
    RichCallData,
    read_call_info_untrusted,
    read_identity_untrusted,
    verify_call,
)

AT = datetime(2026, 3, 3, 4, 0, 0, 999_000, tzinfo=UTC)
CALLER, CALLEE = PhoneNumber("+861055550100"), PhoneNumber("+8613800000001")
SIGNING = CardSigning(signer_of(3), "https://cards.example/passport.pem", "云杉优选")
LOGO, CARD = "https://cards.example/logo-256x256.png", "https://cards.example/card.json"
CONTENTS = {LOGO: b"picture", CARD: b'["vcard",[["version",{},"text","4.0"],["fn",{},"text","x"]]]'}


def rich(reason: str = "订单回访") -> RichCallPlan:
    return plan_rich_call(RichCallData("云杉优选", icn=LOGO, jcl=CARD), reason, CONTENTS)


def test_identity_proves_name_reason_and_contents_for_these_two_numbers_in_this_second() -> None:
    headers = dict(rich().headers(SIGNING, CALLER, CALLEE, AT))
    identity = read_identity_untrusted(headers["Identity"])
    assert (identity.info, identity.ppt) == (SIGNING.certificate_url, "rcd")
    verdict = verify_call(
        identity.token,
        [SIGNING.signer.public_key],
        verify_es256,
        caller=CALLER.e164(),
        callee=CALLEE.e164(),
        unix_s=int(AT.timestamp()) + 3,
        contents=CONTENTS,
    )
    assert verdict.is_genuine
    assert verdict.contents == ()
    assert verdict.passport is not None
    assert (verdict.passport.crn, verdict.passport.iat) == ("订单回访", int(AT.timestamp()))


def test_call_info_says_the_same_to_those_who_do_not_verify() -> None:
    headers = dict(rich().headers(SIGNING, CALLER, CALLEE, AT))
    card, icon = read_call_info_untrusted(headers["Call-Info"])
    assert (card.uri, card.purpose, card.call_reason) == (CARD, "jcard", "订单回访")
    assert card.integrity == rich().digests["/jcl"]
    assert (icon.uri, icon.purpose) == (LOGO, "icon")


def test_reason_without_card_stands_beside_an_empty_address_and_a_bare_name_needs_no_call_info() -> None:
    (only,) = read_call_info_untrusted(
        dict(plan_rich_call(RichCallData("云杉"), "回访", {}).headers(SIGNING, CALLER, CALLEE, AT))["Call-Info"]
    )
    assert (only.uri, only.purpose, only.call_reason) == ("data:", "jcard", "回访")
    assert [name for name, _ in RichCallPlan(RichCallData("云杉")).headers(SIGNING, CALLER, CALLEE, AT)] == ["Identity"]


def test_content_that_was_not_read_is_never_signed_for() -> None:
    with pytest.raises(PassportArgumentError):
        plan_rich_call(RichCallData("云杉", icn=LOGO), "", {})


@pytest.mark.parametrize("purpose", list(Purpose))
def test_only_collection_states_no_reason_at_all(purpose: Purpose) -> None:
    most = disclosure_max(purpose, Industry.ANY)
    fault = reason_fault("账户服务", purpose, most, read_card_words())
    assert (fault is ReasonFault.BEYOND_DISCLOSURE) == (purpose is Purpose.COLLECTION)
    assert reason_fault("", purpose, most, read_card_words()) is None


@pytest.mark.parametrize(
    ("reason", "fault"),
    [
        ("x" * 65, ReasonFault.TOO_LONG),
        ("您有3000元待领取", ReasonFault.AMOUNT_OR_LINK),
        ("详见 www.example.com", ReasonFault.AMOUNT_OR_LINK),
        ("恭喜您中奖", ReasonFault.WORD_FORBIDDEN),
        ("订单回访", None),
    ],
)
def test_reason_obeys_what_cards_obey(reason: str, fault: ReasonFault | None) -> None:
    most = disclosure_max(Purpose.CARE, Industry.ANY)
    assert reason_fault(reason, Purpose.CARE, most, read_card_words()) is fault
