"""`baitie passport` on the command line: the key for others, and verdicts on what somebody received."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from baitie.app.campaign.rich_call import plan_rich_call
from baitie.app.proof.card_signatures import sign_card
from baitie.bootstrap.channels import card_signing
from baitie.cli.main import run
from baitie.cli.passport_command import command
from baitie.cli.shared import ExitCode
from baitie.files.settings_files import load_organisation
from baitie.kernel.phone import PhoneNumber
from baitie.locale.catalogue import LANGUAGES
from baitie.wire.passport import RichCallData

Captured = pytest.CaptureFixture[str]
CALLER, CALLEE = PhoneNumber("+861055550100"), PhoneNumber("+8613800000001")
AT = datetime(2026, 3, 3, 4, tzinfo=UTC)
TEXT = "【云杉优选】即将致电回访"


@pytest.fixture
def campaign(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BAITIE_LANG", "en")
    folder = tmp_path / "c"
    assert run(["init", str(folder)]) == ExitCode.OK
    file = folder / "baitie.toml"
    file.write_text(
        file.read_text("utf-8") + '\n[passport]\ncertificate_url = "https://cards.example/p.pem"\n', "utf-8"
    )
    capsys.readouterr()
    return folder


@pytest.fixture
def received(campaign: Path) -> dict[str, Path]:
    """What somebody received: the Identity header of a call, and the token of a card."""
    signing = card_signing(load_organisation(campaign / "baitie.toml", {}).settings)
    headers = dict(plan_rich_call(RichCallData("云杉优选"), "订单回访", {}).headers(signing, CALLER, CALLEE, AT))
    files = {"call": campaign / "identity.txt", "card": campaign / "card.txt"}
    files["call"].write_text(f"Identity: {headers['Identity']}\n", "utf-8")
    files["card"].write_text(sign_card(signing, TEXT, "10690000", CALLEE, AT), "utf-8")
    return files


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", list(command.commands))  # type: ignore[attr-defined]
def test_help_of_every_subcommand_shows_examples_and_exit_codes(name: str, lang: str, capsys: Captured) -> None:
    assert run(["passport", name, "--lang", lang, "--help"]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert f"baitie passport {name}" in shown
    assert "  70 " in shown


def test_what_show_prints_serves_others_as_the_key(campaign: Path, received: dict[str, Path], capsys: Captured) -> None:
    assert run(["passport", "show", "--campaign", str(campaign)]) == ExitCode.OK
    key = campaign / "key.pem"
    key.write_text(capsys.readouterr().out, "utf-8")
    assert run(["passport", "verify", str(received["call"]), "--key", str(key)]) == ExitCode.OK
    assert "Genuine" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("kind", "options", "faults"),
    [
        ("call", ["--from", CALLER.e164(), "--to", CALLEE.e164()], []),
        ("call", ["--from", "+861055550199"], ["another-caller"]),
        ("call", ["--to", "+8613800000002"], ["another-callee"]),
        ("card", ["--text", TEXT, "--to", CALLEE.e164()], []),
        ("card", ["--text", TEXT + "!"], ["another-text"]),
    ],
)
def test_token_is_genuine_for_its_own_numbers_and_text_only(
    campaign: Path, received: dict[str, Path], capsys: Captured, kind: str, options: list[str], faults: list[str]
) -> None:
    arguments = ["passport", "verify", str(received[kind]), *options, "--campaign", str(campaign), "--json"]
    assert run(arguments) == (ExitCode.PROBLEMS if faults else ExitCode.OK)
    said = json.loads(capsys.readouterr().out)
    assert (said["is_genuine"], said["faults"]) == (not faults, faults)
    assert said["to"] == [CALLEE.e164().removeprefix("+")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_no_token_is_told_as_such(campaign: Path, capsys: Captured, lang: str) -> None:
    (campaign / "x.txt").write_text("no token", "utf-8")
    arguments = ["passport", "verify", str(campaign / "x.txt"), "--campaign", str(campaign), "--lang", lang]
    assert run(arguments) == ExitCode.PROBLEMS
    assert capsys.readouterr().out.strip()
