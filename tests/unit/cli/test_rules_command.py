"""`baitie rules`: what it lists, shows, tests and compares, in both languages and for scripts."""

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest

from baitie.cli.main import run
from baitie.cli.shared import ExitCode
from baitie.domain.risk.kinds import KINDS
from baitie.files.rule_files import default_packs, shipped_packs
from baitie.files.rule_listing import differences, find_pack, packs, shown
from baitie.locale.catalogue import LANGUAGES, catalogue

OWN = """
pack = "house"
version = 1
title = "Our own"

[[rule]]
id = "HOUSE-CAP"
kind = "max_count"
jurisdiction = "*"
of = "attempt"
max = 1
window = "rolling"
days = 7
force = "block"
fail_direction = "closed"
status = "house"
source = "our own policy"
evidence = { how = "read", by = "us", on = 2026-01-01 }
remedies = ["wait"]

[[rule.case]]
name = "once a week"
now = 2026-03-02T10:00:00
history = [{ at = 2026-03-01T10:00:00 }]
expect = "EXPECT"
"""


ORGANISATION = """
[enterprise]
name = "somebody"
sign = "云杉优选"
presented_numbers = ["+862150000100"]

[rules]
packs = ["core", "cn-insurance"]
folder = "rules"
"""


@pytest.fixture(autouse=True)
def outside_any_campaign(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BAITIE_LANG", "en")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def own_pack(tmp_path: Path) -> Path:
    file = tmp_path / "house.toml"
    file.write_text(OWN.replace("EXPECT", "delay").replace('expect = "delay"', OWN_DELAY), "utf-8")
    return file


OWN_DELAY = 'expect = "delay"\nuntil = 2026-03-08T10:00:00'


def given(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = run(["rules", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_without_settings_the_default_packs_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    code, body = given(capsys, "list")
    assert code == ExitCode.OK
    assert [pack["pack"] for pack in body["packs"]] == list(default_packs())
    _, everything = given(capsys, "list", "--all")
    assert [pack["pack"] for pack in everything["packs"]] == list(shipped_packs())
    assert [pack["pack"] for pack in everything["packs"] if not pack["is_used"]] == ["cn-insurance"]


def test_the_packs_that_the_organisation_chose_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "house.toml").write_text(OWN.replace("EXPECT", "allow"), "utf-8")
    (tmp_path / "baitie.toml").write_text(ORGANISATION, "utf-8")
    _, body = given(capsys, "list")
    assert [pack["pack"] for pack in body["packs"]] == ["core", "cn-insurance", "house"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_shipped_rule_can_be_shown_without_a_bare_key(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    for view in packs():
        for rule in view.rules:
            assert run(["rules", "show", rule.rule.rule_id, "--lang", lang]) == ExitCode.OK
            said = capsys.readouterr().out
            assert rule.rule.rule_id in said
            assert "{" not in said.replace("{ ", "")


def test_a_rule_is_found_whatever_the_case_of_its_letters(capsys: pytest.CaptureFixture[str]) -> None:
    code, body = given(capsys, "show", "cn-collect-freq")
    assert (code, body["id"], body["max"], body["is_used"]) == (ExitCode.OK, "CN-COLLECT-FREQ", 3, True)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["show", "NO-SUCH-RULE"], "rule-not-found"),
        (["test", "no-such-pack"], "rule-pack-not-found"),
        (["diff", "core", "no-such-pack"], "rule-pack-not-found"),
    ],
)
def test_a_name_that_nothing_has_is_bad_input(
    arguments: list[str], error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, body = given(capsys, *arguments)
    assert (code, body["error"]["code"]) == (ExitCode.BAD_INPUT, error)


def test_all_shipped_packs_keep_their_examples(capsys: pytest.CaptureFixture[str]) -> None:
    code, body = given(capsys, "test")
    assert code == ExitCode.OK
    assert [pack["pack"] for pack in body["packs"]] == list(shipped_packs())
    assert all(pack["examples"] >= pack["rules"] for pack in body["packs"])


def test_a_pack_of_ones_own_is_tested_from_its_file(own_pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert given(capsys, "test", str(own_pack))[0] == ExitCode.OK
    own_pack.write_text(OWN.replace("EXPECT", "allow"), "utf-8")
    code, body = given(capsys, "test", str(own_pack), "core")
    assert code == ExitCode.PROBLEMS
    assert "once a week: expected allow" in body["packs"][0]["broken"][0]
    assert body["packs"][1]["broken"] == []


def test_a_file_that_is_no_pack_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "odd.toml").write_text("pack = ", "utf-8")
    code, body = given(capsys, "test", str(tmp_path / "odd.toml"))
    assert (code, body["error"]["code"]) == (ExitCode.BAD_INPUT, "rule-pack-invalid")


def test_the_difference_of_two_packs_names_rule_and_field(own_pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = own_pack.with_name("stricter.toml")
    other.write_text(own_pack.read_text("utf-8").replace("days = 7", "days = 14"), "utf-8")
    code, body = given(capsys, "diff", str(own_pack), str(other))
    assert code == ExitCode.PROBLEMS
    assert body["changes"] == [{"rule": "HOUSE-CAP", "field": "days", "before": 7, "after": 14}]
    assert run(["rules", "diff", str(own_pack), str(other)]) == ExitCode.PROBLEMS
    assert capsys.readouterr().out == "~ HOUSE-CAP days: 7 -> 14\n"
    assert run(["rules", "diff", "core", "core"]) == ExitCode.OK
    assert capsys.readouterr().out == "No differences.\n"


def test_rules_that_only_one_pack_has_are_named() -> None:
    changes = differences(find_pack("core"), find_pack("advice"))
    gone = [change.rule_id for change in changes if change.after is None]
    came = [change.rule_id for change in changes if change.before is None]
    assert gone == [view.rule.rule_id for view in find_pack("core").rules]
    assert came == [view.rule.rule_id for view in find_pack("advice").rules]


def test_values_are_shown_as_a_pack_has_them() -> None:
    assert shown({"a": [1, True], "b": "x"}) == '{ a = [1, true], b = "x" }'


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_has_a_word(lang: str) -> None:
    known = catalogue("rules", lang).keys()
    assert {key.removeprefix("kind.") for key in known if key.startswith("kind.")} == set(KINDS)


def test_the_rule_of_the_guide_keeps_its_example(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "how-to" / "write-a-rule.md").read_text("utf-8")
    block = textwrap.dedent(guide.split("```toml")[2].split("```")[0].replace("\n   ", "\n"))
    file = tmp_path / "house.toml"
    file.write_text(block, "utf-8")
    code, body = given(capsys, "test", str(file))
    assert (code, body["packs"][0]["examples"]) == (ExitCode.OK, 1)
