"""Settings that would take minutes or break the reader are refused at once, with the place and a remedy."""

import time
from pathlib import Path

import pytest

from baitie.bootstrap.folders import read_folder, read_folder_and_list
from baitie.cli.main import run
from baitie.files.problems import SettingsError
from baitie.files.settings_files import load_organisation
from baitie.files.toml_files import PROBLEMS_MAX, read_toml
from baitie.locale.catalogue import LANGUAGES

CPU_MAX_S = 20.0
"""Far above what a bounded reading takes, and far below the minutes of an unbounded one."""

SHOWN_CHARS_MAX = 50_000
"""A hundred problems of some lines each."""

BOMBS = {
    "deep brackets": "x = " + "[" * 100_000,
    "deep tables": "x = " + "{a=" * 100_000,
    "a long number": "x = " + "1" * 10_000,
    "a long number in hex": "x = 0x" + "f" * 10_000 + "g",
    "a dotted key": ".".join(["a"] * 400_000) + " = 1",
    "a dotted table": "[" + ".".join(["a"] * 400_000) + "]",
    "a dotted key inside": "x = { " + " . ".join(["a"] * 100_000) + " = 1 }",
    "many unknown tables": "\n".join(f"[table{n}]\nx = 1" for n in range(50_000)),
    "many unknown keys": "\n".join(f"key{n} = 1" for n in range(60_000)),
    "a long key": "k" * 500_000 + " = 1",
    "a longer number": "big = " + "9" * 500_000,
    "a long foreign name": "x = [" + "中" * 300_000,
    "a long foreign key": "中" * 300_000 + " = 1",
    "a long text": "x = '" + "a" * 500_000 + "'",
    "much space": "a" + " " * 500_000 + "b = 1",
    "a wrong port": '[store]\nurl = "postgresql://h:notaport/x"\n',
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_a_named_error_and_quick(tmp_path: Path, text: str) -> None:
    file = tmp_path / "baitie.toml"
    file.write_text(text, "utf-8")
    begun = time.process_time()
    with pytest.raises(SettingsError) as caught:
        load_organisation(file, {})
    assert time.process_time() - begun < CPU_MAX_S
    assert 1 <= len(caught.value.problems) <= PROBLEMS_MAX + 1
    assert len(str(caught.value)) < SHOWN_CHARS_MAX
    for lang in LANGUAGES:
        for problem in caught.value.problems:
            assert len(problem.text(lang)) < 2_000


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("商品 = 1", "商品"),
        ("[商品]", "商品"),
        ("values = { 商品 = 1 }", "商品"),
        ("x = { a = 1, 订单尾号 = 2 }", "订单尾号"),
        ("Größe = 1", "Größe"),
        ("订单 尾号 = 1", "订单 尾号"),
        ("card.商品 = 1", "card.商品"),
    ],
)
def test_a_name_without_its_quotes_gets_them_as_the_remedy(tmp_path: Path, line: str, name: str) -> None:
    file = tmp_path / "campaign.toml"
    file.write_text(f"a = 1\n{line}\n", "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_toml(file)
    (problem,) = caught.value.problems
    assert (problem.code, problem.line, problem.details) == ("toml-key-quotes", 2, {"name": name})
    assert f'中文名称要加双引号，如 "{name}" = …' in problem.text("zh")


def test_a_mistake_in_a_value_is_no_matter_of_quotes(tmp_path: Path) -> None:
    file = tmp_path / "campaign.toml"
    file.write_text('name = "双十一\n', "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_toml(file)
    assert caught.value.problems[0].code == "toml-syntax"


def test_presented_numbers_are_read_as_people_write_them(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    run(["init", str(folder)])
    settings = folder / "baitie.toml"
    text = settings.read_text("utf-8")
    before = load_organisation(settings, {}).settings.enterprise.presented_numbers[0]
    for written in (
        "0571-26880100",
        "(0571) 2688 0100",
        "+86 571 2688 0100",
        "０５７１－２６８８０１００",
        "电话：0571-26880100",
    ):
        settings.write_text(text.replace(before.e164(), written), "utf-8")
        read = load_organisation(settings, {}).settings.enterprise.presented_numbers[0]
        assert read.e164() == "+8657126880100"
    settings.write_text(text.replace(before.e164(), "0571-26880100转8001"), "utf-8")
    with pytest.raises(SettingsError):
        load_organisation(settings, {})


def test_a_campaign_reads_its_numbers_in_the_region_of_its_organisation(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    run(["init", str(folder)])
    organisation, campaign = folder / "baitie.toml", folder / "campaign.toml"
    before = load_organisation(organisation, {}).settings.enterprise.presented_numbers[0].e164()
    text = organisation.read_text("utf-8").replace(before, "202-555-0143")
    text = text.replace("[enterprise]", '[enterprise]\ndefault_region = "US"') if "default_region" not in text else text
    organisation.write_text(text.replace('default_region = "CN"', 'default_region = "US"'), "utf-8")
    plan = campaign.read_text("utf-8")
    campaign.write_text(plan.replace("[campaign]", '[campaign]\npresented_numbers = ["(202) 555-0143"]'), "utf-8")
    shown = read_folder(folder, {}).campaign.presented_numbers
    assert [one.number.e164() for one in shown] == ["+12025550143"]


def test_all_layers_are_told_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    run(["init", str(folder)])
    (folder / "script.toml").write_text("商品 = 1", "utf-8")
    (folder / "contacts.csv").write_text("nothing\nhere\n", "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_folder_and_list(folder, {})
    assert {problem.file for problem in caught.value.problems} == {"script.toml", "contacts.csv"}
    (folder / "campaign.toml").write_text("[campaign]\nid = 1\n", "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_folder(folder, {})
    assert {"campaign.toml", "script.toml"} <= {problem.file for problem in caught.value.problems}
