"""`baitie audit` on the command line: exit codes, output for people and scripts, in both languages."""

import json
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from baitie.app.records.batch import Batch
from baitie.bootstrap.stores import open_store
from baitie.cli.audit_command import command
from baitie.cli.main import run
from baitie.cli.shared import ExitCode
from baitie.files.settings_files import load_organisation
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.locale.catalogue import LANGUAGES

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def campaign(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BAITIE_LANG", "en")
    folder = tmp_path / "c"
    assert run(["init", str(folder)]) == ExitCode.OK
    with closing(open_store(load_organisation(folder / "baitie.toml", {}).settings)) as store:
        for n in range(6):
            at = datetime(2026, 3, 3, 2, n, tzinfo=UTC)
            store.record_refusal_or_freeze(Batch(journal=[JournalEntry(JournalKind.INVITE_SENT, at, facts={"n": n})]))
    capsys.readouterr()
    return folder


def json_of(capsys: Captured, *arguments: str) -> dict:
    run(["audit", *arguments, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", list(command.commands))  # type: ignore[attr-defined]
def test_help_of_every_subcommand_shows_examples_and_exit_codes(name: str, lang: str, capsys: Captured) -> None:
    assert run(["audit", name, "--lang", lang, "--help"]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert f"baitie audit {name}" in shown
    assert "  70 " in shown
    assert ("示例" in shown) == (lang == "zh")
    assert "option." not in shown


def test_a_signed_bundle_goes_from_export_to_a_verifier_that_needs_nothing_of_us(
    campaign: Path, tmp_path: Path, capsys: Captured
) -> None:
    at = ["--campaign", str(campaign)]
    public_key = json_of(capsys, "key", *at)["public_key"]
    anchor = json_of(capsys, "checkpoint", *at)["checkpoint"]["anchor"]
    bundle = str(tmp_path / "b.jsonl")
    exported = json_of(capsys, "export", bundle, "--with-verifier", *at)
    assert (exported["first_seq"], exported["last_seq"], exported["checkpoints"]) == (1, 6, 1)
    assert run(["audit", "verify", bundle, "--key", public_key, "--anchor", anchor]) == ExitCode.OK
    assert "Whole" in capsys.readouterr().out
    alone = [sys.executable, "-I", "-S", exported["verifier"], bundle, "--key", public_key, "--anchor", anchor]
    assert subprocess.run(alone, capture_output=True, check=False).returncode == 0


def test_the_anchor_is_given_also_when_nothing_is_left_to_sign(campaign: Path, capsys: Captured) -> None:
    at = ["--campaign", str(campaign)]
    first = json_of(capsys, "checkpoint", *at)
    again = json_of(capsys, "checkpoint", *at)
    assert (first["is_fresh"], again["is_fresh"]) == (True, False)
    assert first["checkpoint"] == again["checkpoint"]
    run(["audit", "checkpoint", *at])
    assert first["checkpoint"]["anchor"] in capsys.readouterr().out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_altered_bundle_ends_with_problems_and_names_the_place(
    campaign: Path, tmp_path: Path, capsys: Captured, lang: str
) -> None:
    bundle = tmp_path / "b.jsonl"
    run(["audit", "checkpoint", "--campaign", str(campaign)])
    run(["audit", "export", str(bundle), "--campaign", str(campaign)])
    bundle.write_bytes(bundle.read_bytes().replace(b'\\"n\\":3', b'\\"n\\":4'))
    capsys.readouterr()
    assert run(["audit", "verify", str(bundle), "--lang", lang]) == ExitCode.PROBLEMS
    shown = capsys.readouterr().out
    assert ("第 4 条" if lang == "zh" else "entry 4") in shown
    assert "fault." not in shown
    verdict = json_of(capsys, "verify", str(bundle))
    assert [(finding["fault"], finding["seq"]) for finding in verdict["findings"]] == [("content-altered", 4)]


def test_a_store_is_checked_where_no_bundle_is_named(campaign: Path, capsys: Captured) -> None:
    run(["audit", "checkpoint", "--campaign", str(campaign)])
    assert run(["audit", "verify", "--store", str(campaign)]) == ExitCode.OK
    with closing(__import__("sqlite3").connect(campaign / "baitie.sqlite3")) as connection:
        connection.execute("DELETE FROM journal WHERE seq > 4")
        connection.commit()
    capsys.readouterr()
    assert run(["audit", "verify", "--store", str(campaign)]) == ExitCode.PROBLEMS
    assert "entry 5" in capsys.readouterr().out


def test_bad_usage_and_what_is_no_bundle_are_bad_input(campaign: Path, tmp_path: Path, capsys: Captured) -> None:
    for arguments in (
        ["verify", str(tmp_path / "absent.jsonl")],
        ["verify", "x", "--store", str(campaign)],
        ["verify", "x", "--anchor", "five"],
        ["trace", "at_nobody", "--campaign", str(campaign)],
        ["export", str(campaign / "baitie.toml"), "--campaign", str(campaign)],
        ["export", str(tmp_path / "b"), "--from", "2030-01-01", "--campaign", str(campaign)],
    ):
        assert run(["audit", *arguments]) == ExitCode.BAD_INPUT, arguments


def test_a_fresh_key_is_printed_and_the_old_one_stays_listed(campaign: Path, capsys: Captured) -> None:
    at = ["--campaign", str(campaign)]
    old = json_of(capsys, "key", *at)["public_key"]
    fresh = json_of(capsys, "rotate", *at)["key"]
    assert fresh["previous_key"] == old
    keys = json_of(capsys, "key", *at)
    assert [key["public_key"] for key in keys["keys"]] == [old, fresh["public_key"]]
    assert run(["audit", "verify", "--store", str(campaign), "--key", old]) == ExitCode.OK
