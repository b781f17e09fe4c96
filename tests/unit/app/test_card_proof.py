"""Cards are proved by text, callee, key and journal together; each link that breaks is named."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from baitie.adapters.signing.es256 import signer_of, verify_es256
from baitie.app.ports.signing import CardSigning
from baitie.app.proof.card_signatures import NOT_IN_JOURNAL, NOT_SIGNED, CardProof, proof_facts, prove_card, sign_card
from baitie.app.records.sent_card import SentCard
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, CardId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.phone import PhoneNumber
from baitie.wire.passport import PassportArgumentError

NOON = datetime(2026, 3, 3, 4, 0, 0, tzinfo=UTC)
CALLEE = PhoneNumber("+8613800000001")
TEXT = "【云杉优选】将就您的订单致电回访"
SIGNING = CardSigning(signer_of(3), "https://cards.example/passport.pem", "云杉优选")
TOKEN = sign_card(SIGNING, TEXT, "10690000", CALLEE, NOON)
SENT = SentCard(
    CardId("at_1"),
    AttemptId("at_1"),
    CampaignId("cp_1"),
    CalleeId("ce_1"),
    "flash",
    NOON,
    token=TOKEN,
    public_key=SIGNING.signer.public_key,
)
ENTRY = JournalEntry(JournalKind.CARD_SUBMITTED, NOON, facts=proof_facts(TOKEN, SIGNING.key_id))


def prove(sent: SentCard = SENT, text: str = TEXT, entry: JournalEntry | None = ENTRY) -> CardProof:
    return prove_card(sent, text, CALLEE, entry, verify_es256)


def test_card_that_was_sent_is_genuine_and_says_when_and_by_which_key() -> None:
    assert prove() == CardProof((), SIGNING.key_id, NOON)


def test_same_card_has_the_same_token_however_often_it_is_signed() -> None:
    assert sign_card(SIGNING, TEXT, "10690000", CALLEE, NOON) == TOKEN


def test_other_text_is_not_proved() -> None:
    assert prove(text=TEXT + "!").faults == ("another-text",)


def test_token_of_another_key_is_not_proved_even_with_that_key_beside_it() -> None:
    other = CardSigning(signer_of(4), SIGNING.certificate_url, SIGNING.name)
    forged = replace(SENT, token=sign_card(other, TEXT, "10690000", CALLEE, NOON), public_key=other.signer.public_key)
    assert prove(forged).faults == (NOT_IN_JOURNAL,)
    assert "not-signed-by-key" in prove(replace(SENT, public_key=other.signer.public_key)).faults


def test_card_without_token_or_journal_entry_is_told_as_such() -> None:
    assert prove(replace(SENT, token=None)).faults == (NOT_SIGNED,)
    assert prove(entry=None).faults == (NOT_IN_JOURNAL,)


def test_sender_that_is_a_name_cannot_be_signed_for() -> None:
    with pytest.raises(PassportArgumentError):
        sign_card(SIGNING, TEXT, "Baitie", CALLEE, NOON)
