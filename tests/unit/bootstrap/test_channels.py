"""Channels of a card by settings: read into routes and plans, or refused with the place and the remedy."""

from pathlib import Path

import pytest
from tests.unit.bootstrap.test_campaign_files import faults, replaced

from baitie.app.campaign.campaign import CardRoute
from baitie.bootstrap.channels import card_signing
from baitie.bootstrap.folders import read_folder
from baitie.cli.main import run
from baitie.domain.dialing.policy import OnLateCard
from baitie.files.campaign_folder import CampaignFolder
from baitie.files.examples import copy_example

VENDOR = """
[vendors.yun]
url = "https://sms.vendor.example/api"
key = "k"
sender = "10681234"
kind = "sms"
"""
PASSPORT = """
[passport]
certificate_url = "https://cards.example/passport.pem"
logo_url = "https://cards.example/logo-256x256.png"
logo_file = "logo.png"
"""
RICH = """
[rich_call]
is_on = true
call_reason = "订单回访"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy_example("order-followup", tmp_path / "c")
    return tmp_path / "c"


def add(file: Path, text: str) -> None:
    file.write_text(file.read_text("utf-8") + text, "utf-8")


def choose(folder: Path, line: str) -> None:
    replaced(folder / "campaign.toml", 'on_late = "ring_anyway"', line)


def read(folder: Path) -> CampaignFolder:
    return read_folder(folder, {})


def test_without_channels_the_card_goes_its_templates_own_way(folder: Path) -> None:
    card = read(folder).campaign.card
    assert card is not None
    assert card.routes == (CardRoute("flash", card.sender, is_flash=True),)


def test_channels_are_tried_in_the_order_in_which_they_stand(folder: Path) -> None:
    add(folder / "baitie.toml", VENDOR)
    choose(folder, 'channels = ["flash", "yun", "sms", "flash"]\non_late = "next_channel"\nafter_last = "give_up"')
    campaign = read(folder).campaign
    assert campaign.card is not None
    assert [route.name for route in campaign.card.routes] == ["flash", "yun", "sms"]
    assert campaign.card.routes[1] == CardRoute("yun", "10681234", is_flash=False, vendor="yun")
    assert campaign.policy.on_late_card is OnLateCard.NEXT_CHANNEL
    assert campaign.policy.after_last_channel is OnLateCard.GIVE_UP


def test_channel_that_nobody_described_is_named_with_those_that_are_known(folder: Path) -> None:
    choose(folder, 'channels = ["flash", "yun"]\non_late = "next_channel"')
    found = faults(folder)["campaign.toml card.channels"]
    assert "yun" in found
    assert "flash, sms" in found


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[vendors.yun]\nurl = "http://sms.vendor.example"\n', "vendors.yun.url"),
        (VENDOR + 'key_file = "k"\n', "vendors.yun"),
        (VENDOR + "callback_port = 8621\n", "vendors.yun"),
        (VENDOR + '[vendors.yun.fields]\nphone = "mobile"\n', "vendors.yun.fields"),
        (VENDOR + '[vendors.yun.codes]\n"7" = "no such cause"\n', "vendors.yun.codes"),
        ('[passport]\nlogo_url = "https://cards.example/a.png"\n', "passport"),
    ],
)
def test_settings_of_vendors_and_signatures_are_checked(folder: Path, text: str, place: str) -> None:
    add(folder / "baitie.toml", "\n" + text)
    assert f"baitie.toml {place}" in faults(folder)


def test_rich_call_signs_for_the_picture_as_the_file_has_it(folder: Path) -> None:
    add(folder / "baitie.toml", PASSPORT)
    add(folder / "campaign.toml", RICH)
    assert "logo.png passport.logo_file" in faults(folder)
    (folder / "logo.png").write_bytes(b"picture")
    plan = read(folder).campaign.rich_call
    assert plan is not None
    assert (plan.rcd.nam, plan.call_reason, list(plan.digests)) == (
        read(folder).campaign.enterprise,
        "订单回访",
        ["/icn"],
    )


def test_rich_call_needs_a_certificate_and_an_honest_reason(folder: Path) -> None:
    add(folder / "campaign.toml", RICH.replace("订单回访", "您已中奖"))
    assert "baitie.toml passport.certificate_url" in faults(folder)
    add(folder / "baitie.toml", '[passport]\ncertificate_url = "https://cards.example/p.pem"\n')
    assert "campaign.toml rich_call.call_reason" in faults(folder)


def test_key_is_made_beside_the_stores_and_stays_the_same(folder: Path) -> None:
    settings = read(folder).organisation.settings
    first, second = card_signing(settings), card_signing(settings)
    assert first.key_id == second.key_id
    assert (folder / "baitie.passport.key").is_file()


def test_rich_call_over_a_udp_trunk_is_refused_with_the_remedy(folder: Path) -> None:
    add(folder / "campaign.toml", RICH)
    add(folder / "baitie.toml", '[passport]\ncertificate_url = "https://cards.example/p.pem"\n')
    replaced(folder / "baitie.toml", 'kind = "loopback"', 'kind = "trunks"')
    add(folder / "baitie.toml", '[trunks.main]\nhost = "sip.example"\n')
    assert "tls" in faults(folder)["campaign.toml rich_call.is_on"]
    replaced(folder / "baitie.toml", 'host = "sip.example"', 'host = "sip.example"\ntransport = "tcp"')
    assert read(folder).campaign.rich_call is not None


FILES = """
[vendors.yun]
url = "https://sms.vendor.example/api"
key_file = "vendor.key"
callback_port = 8621
callback_secret_file = "callback.secret"
"""


def test_check_shows_the_channels_and_what_a_real_vendor_would_need(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(folder / "baitie.toml", FILES)
    choose(folder, 'channels = ["flash", "yun"]\non_late = "next_channel"')
    assert run(["check", str(folder), "--lang", "en"]) == 1  # rows of the example that are rejected on purpose
    output = capsys.readouterr().out
    assert "flash message → yun (https://sms.vendor.example/api)" in output
    assert "simulated" in output
    assert "vendors.yun.key_file" in output
    assert "vendors.yun.callback_secret_file" in output


def test_on_trunks_a_vendor_without_its_key_is_refused(folder: Path) -> None:
    add(folder / "baitie.toml", FILES + '\n[trunks.main]\nhost = "203.0.113.9"\n')
    replaced(folder / "baitie.toml", 'kind = "loopback"', 'kind = "trunks"')
    choose(folder, 'channels = ["flash", "yun"]\non_late = "next_channel"')
    found = faults(folder)
    assert any("vendors.yun.key_file" in place for place in found)
    assert any("vendors.yun.callback_secret_file" in place for place in found)
