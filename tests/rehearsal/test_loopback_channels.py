"""A campaign over a vendor, SMPP and signed INVITEs on the loopback carrier: what arrived there is proved there."""

import json
from collections import Counter
from pathlib import Path

import pytest
from tests.rehearsal.real_runs import Program, carrier_log, ended, make_folder, start_run, store_of

from baitie.adapters.signing.es256 import open_signer, verify_es256
from baitie.app.proof.card_signatures import prove_card
from baitie.kernel.ids import CampaignId
from baitie.kernel.journal import JournalKind
from baitie.wire.passport import read_call_info_untrusted, read_identity_untrusted, verify_call

pytestmark = pytest.mark.xdist_group("loopback")

CAMPAIGN = CampaignId("short-rings")
LEADS = 25
CARD_TEXT = "【云杉优选】语音机器人即将致电回访：核实尾号{order_tail}的订单是否收到，约半分钟，不便可不接。"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a campaign that ran to its end."""
    folder = make_folder(tmp_path_factory.mktemp("run") / "c", LEADS)
    campaign, organisation = folder / "campaign.toml", folder / "baitie.toml"
    text = campaign.read_text("utf-8").replace(
        "[card]\n", '[card]\nchannels = ["yun", "flash", "sms"]\non_late = "next_channel"\n'
    )
    campaign.write_text(text + '\n[rich_call]\nis_on = true\ncall_reason = "订单回访"\n', "utf-8")
    more = '\n[vendors.yun]\nurl = "https://sms.vendor.example/api"\nkey = "k"\n'
    more += '\n[passport]\ncertificate_url = "https://cards.example/passport.pem"\n'
    organisation.write_text(organisation.read_text("utf-8") + more, "utf-8")
    with ended(start_run(folder)) as program:
        assert program.wait() == 0, program.errors()
    return folder


def test_cards_went_over_the_vendor_first_and_over_smpp_where_it_failed(finished: Path) -> None:
    seen = Counter(str(line["kind"]) for line in carrier_log(finished))
    with store_of(finished) as store:
        attempts = [attempt for attempt in store.attempts(CAMPAIGN) if attempt.card_submitted_at is not None]
        cards = {attempt.attempt_id: store.sent_cards(attempt.attempt_id) for attempt in attempts}
    first = [sent[0].channel for sent in cards.values()]
    assert set(first) == {"yun"}
    later = [card.channel for sent in cards.values() for card in sent[1:]]
    assert set(later) <= {"flash", "sms"}
    assert seen["vendor"] >= len(first)
    assert seen["message"] >= len(later)
    delivered = [attempt for attempt in attempts if attempt.card_channel == "yun" and attempt.card_delivered_at]
    assert len(delivered) > len(attempts) / 2
    in_time = [attempt for attempt in delivered if attempt.rang_at and attempt.card_outcome == "delivered"]
    assert all(attempt.card_lead_ms is not None for attempt in in_time)


def test_carrier_can_prove_each_call_that_reached_it(finished: Path) -> None:
    key = open_signer(finished / "baitie.passport.key", may_make=False).public_key
    invites = [line for line in carrier_log(finished) if line["kind"] == "invite"]
    with store_of(finished) as store:
        presented = {attempt.attempt_id: attempt for attempt in store.attempts(CAMPAIGN)}
    assert invites
    for invite in invites:
        attempt = presented[invite["attempt"]]
        assert attempt.invite_sent_at is not None
        verdict = verify_call(
            read_identity_untrusted(invite["identity"]).token,
            [key],
            verify_es256,
            caller=attempt.presented_number.e164(),
            callee=invite["to"],
            unix_s=int(attempt.invite_sent_at.timestamp()),
        )
        assert verdict.is_genuine, verdict.faults
        (info,) = read_call_info_untrusted(invite["call-info"])
        assert info.call_reason == "订单回访"


def test_cards_are_proved_by_store_and_journal_afterwards(finished: Path) -> None:
    with store_of(finished) as store:
        state = store.campaign_state(CAMPAIGN)
        assert state is not None
        entries = [entry for _, entry in store.journal(CAMPAIGN) if entry.kind is JournalKind.CARD_SUBMITTED]
        leads = {lead.lead_id: lead for lead in state.leads}
        proved = 0
        for attempt in store.attempts(CAMPAIGN):
            tail = leads[attempt.lead_id].slots["order_tail"]
            number = state.callees[attempt.callee_id].number
            about = [entry for entry in entries if entry.attempt_id == attempt.attempt_id]
            for sent, entry in zip(store.sent_cards(attempt.attempt_id), about, strict=True):
                text = CARD_TEXT.replace("{order_tail}", tail)
                assert prove_card(sent, text, number, entry, verify_es256).is_genuine
                assert "another-text" in prove_card(sent, text + "。", number, entry, verify_es256).faults
                proved += 1
    assert proved >= LEADS


def test_report_shows_the_channels(finished: Path) -> None:
    with ended(Program(finished, ("report", str(finished), "--json"))) as program:
        assert program.wait() == 0, program.errors()
    channels = json.loads((finished / "report.json").read_text("utf-8"))["channels"]
    assert channels[0]["channel"] == "yun"
    assert channels[0]["card_before_ring_rate"]["among"] > 0
