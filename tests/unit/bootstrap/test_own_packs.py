"""Packs of one's own: what is wrong with one is told with its file, its place and a remedy, never by a trace."""

from pathlib import Path

import pytest

import baitie
from baitie.domain.risk.rulepack import RulePackError
from baitie.files.organisation_settings import RuleSettings
from baitie.files.problems import SettingsError
from baitie.files.rule_files import PACK_FILES_MAX, read_rulebook
from baitie.files.rule_listing import broken_examples, find_pack
from baitie.locale.catalogue import LANGUAGES

PACK = """pack = "house"
version = 1
title = "House"

[[rule]]
id = "HOUSE-CAP"
kind = "max_count"
jurisdiction = "CN"
of = "attempt"
max = 2
window = "rolling"
days = 7
force = "block"
fail_direction = "closed"
status = "house"
source = "The house."
evidence = { how = "read", by = "the house", on = 2026-01-31 }
remedies = ["wait"]

[[rule.case]]
name = "the third waits"
zone = "Asia/Shanghai"
now = 2026-03-02T18:00:00
history = [{ at = 2026-03-02T09:00:00 }, { at = 2026-03-02T10:00:00 }]
expect = "delay"
until = 2026-03-09T09:00:00
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "rules"
    made.mkdir()
    return made


def told(folder: Path, *, packs: tuple[str, ...] = (), blocking: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    """File, place and code of each problem, each of which is told in both languages."""
    with pytest.raises(SettingsError) as caught:
        read_rulebook(RuleSettings(folder=folder, packs=list(packs), blocking=list(blocking)))
    for lang in LANGUAGES:
        assert all(problem.text(lang).startswith(problem.file) for problem in caught.value.problems)
    return [(problem.file, problem.place, problem.code) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("written", "instead", "place"),
    [
        ('id = "HOUSE-CAP"', "id = []", "[].id"),
        ('id = "HOUSE-CAP"', "id = { a = 1 }", "{'a': 1}.id"),
        ("max = 2", "max = 0", "HOUSE-CAP.max"),
        ("max = 2", "max = true", "HOUSE-CAP.max"),
        ("max = 2", "", "HOUSE-CAP.max"),
        ("max = 2", "max = 2\nmaxx = 2", "HOUSE-CAP.maxx"),
        ('how = "read"', 'how = "heard"', "HOUSE-CAP.how"),
        ("version = 1", "version = 0", "version"),
        ("version = 1", 'version = "1"', "version"),
    ],
)
def test_a_rule_that_cannot_be_used_is_told_with_its_file_and_field(
    folder: Path, written: str, instead: str, place: str
) -> None:
    (folder / "ours.toml").write_text(PACK.replace(written, instead, 1), "utf-8")
    assert told(folder, blocking=("HOUSE-CAP",)) == [("ours.toml", place, "rules-invalid")]


@pytest.mark.parametrize("rules", ["5", '"x"', "[1]", "[]", "{ a = 1 }"])
def test_a_pack_without_a_list_of_rules_is_told_with_its_file(folder: Path, rules: str) -> None:
    (folder / "ours.toml").write_text(f'pack = "house"\nversion = 1\ntitle = "House"\nrule = {rules}\n', "utf-8")
    assert told(folder, blocking=("HOUSE-CAP",)) == [("ours.toml", "rule", "rules-invalid")]


def test_a_file_that_is_no_text_is_told_and_marks_of_editors_are_passed_by(folder: Path) -> None:
    (folder / "ours.toml").write_bytes(b"\xef\xbb\xbf" + PACK.encode())
    assert read_rulebook(RuleSettings(folder=folder)).rule("HOUSE-CAP") is not None
    (folder / "gbk.toml").write_bytes(PACK.replace("The house", "本公司").encode("gb18030"))
    assert told(folder) == [("gbk.toml", "", "file-not-utf8")]
    (folder / "gbk.toml").unlink()
    (folder / "folder.toml").mkdir()
    assert told(folder) == [("folder.toml", "", "file-unreadable")]


def test_no_pack_is_passed_by_because_there_are_many(folder: Path) -> None:
    for number in range(PACK_FILES_MAX + 1):
        (folder / f"pack{number}.toml").write_text("", "utf-8")
    assert told(folder) == [("baitie.toml", "rules.folder", "packs-too-many")]


def test_two_packs_of_one_name_are_refused_with_both_files(folder: Path) -> None:
    (folder / "first.toml").write_text(PACK, "utf-8")
    (folder / "second.toml").write_text(
        PACK.replace("HOUSE-CAP", "HOUSE-CAP-2").replace('"house"', '" House"'), "utf-8"
    )
    assert told(folder) == [("second.toml", "pack", "pack-name-doubled")]


def test_a_copy_of_a_shipped_pack_bears_its_file_s_name_or_the_shipped_one_is_left_out(folder: Path) -> None:
    shipped = (Path(baitie.__file__).parent / "rules" / "cn-core.toml").read_text("utf-8")
    (folder / "ours.toml").write_text(shipped, "utf-8")
    assert told(folder) == [("ours.toml", "pack", "pack-name-doubled")]
    assert read_rulebook(RuleSettings(folder=folder, packs=["us-core"])).rule("CN-CARRIER-HOURS") is not None
    (folder / "ours.toml").rename(folder / "cn-core.toml")
    assert read_rulebook(RuleSettings(folder=folder)).rule("CN-CARRIER-HOURS") is not None


def test_a_rule_that_is_to_block_blocks_however_its_id_is_spaced(folder: Path) -> None:
    text = PACK.replace('"HOUSE-CAP"', '" HOUSE-CAP "').replace('force = "block"', 'force = "advise"')
    (folder / "ours.toml").write_text(text, "utf-8")
    for blocking, force in (([], "advise"), (["HOUSE-CAP"], "block")):
        rule = read_rulebook(RuleSettings(folder=folder, blocking=blocking)).rule("HOUSE-CAP")
        assert rule is not None
        assert rule.force == force


@pytest.mark.parametrize(
    ("example", "field"),
    [
        ('history = [{ at = 2026-03-02T09:00:00, rejcted = true }]\nexpect = "allow"', "history.rejcted"),
        ('history = [{ at = 2026-03-02T09:00:00, rejected = "yes" }]\nexpect = "allow"', "history.rejected"),
        ('history = [{ at = 2026-03-02T09:00:00, talk_s = -1 }]\nexpect = "allow"', "history.talk_s"),
        ('history = [{ at = "2026-03-02" }]\nexpect = "allow"', "history.at"),
        ('complaints = ["yesterday"]\nexpect = "allow"', "complaints"),
        ('registries = [{ name = "r", as_of = 0, is_listed = true }]\nexpect = "allow"', "registries.as_of"),
        ('qualifications = [{ kind = "q", valid_from = 0 }]\nexpect = "allow"', "qualifications.valid_from"),
        (
            'shares = [{ of = "complaint", per = "number", days = 30, numerator = "1", denominator = 9 }]\n'
            'expect = "allow"',
            "shares.numerator",
        ),
        ('campaign_windows = [{ from = 9, until = 12:00:00 }]\nexpect = "allow"', "campaign_windows.from"),
        ('preference = { language = "zh", accept_voice = false }\nexpect = "allow"', "preference.accept_voice"),
        ('calls_in_flight = -1\nexpect = "allow"', "calls_in_flight"),
        ('purpose = "selling"\nexpect = "allow"', "purpose"),
        ('zone = "Asia/Nowhere"\nexpect = "allow"', "case"),
        ('expect = "perhaps"', "expect"),
    ],
)
def test_an_example_that_cannot_be_read_is_told_with_its_field(folder: Path, example: str, field: str) -> None:
    head, _, _ = PACK.partition("[[rule.case]]")
    file = folder / "ours.toml"
    file.write_text(f'{head}[[rule.case]]\nname = "odd"\nnow = 2026-03-02T18:00:00\n{example}\n', "utf-8")
    with pytest.raises(RulePackError) as caught:
        broken_examples(find_pack(str(file)))
    assert (caught.value.details["rule"], caught.value.details["field"]) == ("HOUSE-CAP", field)


def test_a_rule_that_begins_or_ends_on_the_last_day_of_the_calendar_is_asked_like_another(folder: Path) -> None:
    file = folder / "ours.toml"
    dates = 'id = "HOUSE-CAP"\neffective_until = 9999-12-31'
    file.write_text(PACK.replace('id = "HOUSE-CAP"', dates), "utf-8")
    assert broken_examples(find_pack(str(file))) == []
    file.write_text(PACK.replace('id = "HOUSE-CAP"', dates.replace("until", "from")), "utf-8")
    (line,) = broken_examples(find_pack(str(file)))
    assert line.endswith("found allow")
