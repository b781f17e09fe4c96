"""Any setting of any file may hold anything: it is read or refused by name, and nothing else is raised."""

import itertools
import os
import re
import tomllib
from pathlib import Path

import pytest
from tests.example_folders import use_card

from baitie.bootstrap.folders import read_folder
from baitie.domain.voicebot.script import ScriptError, parse_script
from baitie.files.bounded_files import read_within
from baitie.files.campaign_folder import read_contacts
from baitie.files.examples import copy_example
from baitie.files.problems import SettingsError
from baitie.files.profile_files import DEFAULT_PROFILE
from baitie.rehearsal.profile import ProfileError, parse_profile

FILES = ("campaign.toml", "baitie.toml", "card.toml", "script.toml")
ODD_VALUES = ("-1", '""', '"x"', '"a\\nb"', "[]", "[[1]]", "{}", "{ x = 1 }", "nan", "true", "1e400", "1979-05-27")
ASSIGNMENT = re.compile(r"^(\s*[^#\[\s][^=]*=\s*)(\S.*)$")


def spoilt(text: str) -> list[tuple[str, str]]:
    """The text with one value replaced, for each value and each odd one; and what was written."""
    lines = text.splitlines()
    found = []
    for (number, line), odd in itertools.product(enumerate(lines), ODD_VALUES):
        assignment = ASSIGNMENT.match(line)
        if assignment:
            changed = assignment[1] + odd
            found.append((changed, "\n".join([*lines[:number], changed, *lines[number + 1 :]])))
    assert found
    return found


@pytest.mark.parametrize("name", FILES)
def test_a_folder_with_one_odd_value_is_read_or_refused_by_name(name: str, tmp_path: Path) -> None:
    copy_example("order-followup", tmp_path / "c")
    use_card(tmp_path / "c", 'file = "card.toml"\nlibrary = {}\n')
    file = tmp_path / "c" / name
    for changed, text in spoilt(file.read_text("utf-8")):
        file.write_text(text, "utf-8")
        try:
            read_contacts(read_folder(tmp_path / "c", {}))
        except SettingsError as error:
            for problem in error.problems:
                assert problem.text("zh")
                assert problem.text("en")
        except Exception as error:
            raise AssertionError(f"{type(error).__name__}: {error} for {changed!r} in {name}") from error


def test_a_script_with_one_odd_value_is_read_or_refused(tmp_path: Path) -> None:
    copy_example("order-followup", tmp_path / "c")
    for changed, text in spoilt((tmp_path / "c" / "script.toml").read_text("utf-8")):
        try:
            script = parse_script(tomllib.loads(text))
        except ScriptError:
            continue
        except Exception as error:
            raise AssertionError(f"{type(error).__name__}: {error} for {changed!r}") from error
        assert all(isinstance(node.collects, str | None) for node in script.nodes.values()), changed


def test_a_profile_with_one_odd_value_is_read_or_refused() -> None:
    for changed, text in spoilt(DEFAULT_PROFILE.read_text("utf-8")):
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            continue  # the rest of a value of many lines
        try:
            profile = parse_profile(table, "p.toml")
        except ProfileError:
            continue
        except Exception as error:
            raise AssertionError(f"{type(error).__name__}: {error} for {changed!r}") from error
        assert all(isinstance(rate, int | float) for rate in profile.answer.rate_by_hour), changed
        assert all(isinstance(rate, int | float) for rate in profile.keys.rates.values()), changed


@pytest.mark.parametrize("variable", ["BAITIE_ENTERPRISE__NAME", "BAITIE_ENTERPRISE__SIGN"])
def test_a_control_character_never_reaches_a_header(variable: str, tmp_path: Path) -> None:
    copy_example("order-followup", tmp_path / "c")
    with pytest.raises(SettingsError) as caught:
        read_folder(tmp_path / "c", {variable: "甲乙\r\nVia: x"})
    assert [problem.code for problem in caught.value.problems] == ["control-character"]


@pytest.mark.parametrize("name", [*FILES, "contacts.csv"])
def test_a_pipe_or_a_folder_in_place_of_a_file_is_refused_and_not_waited_for(name: str, tmp_path: Path) -> None:
    copy_example("order-followup", tmp_path / "c")
    use_card(tmp_path / "c", 'file = "card.toml"\nlibrary = {}\n')
    file = tmp_path / "c" / name
    for make in (os.mkfifo, os.mkdir):
        file.unlink() if file.is_file() or file.is_fifo() else file.rmdir()
        make(file)
        with pytest.raises(SettingsError) as caught:
            read_contacts(read_folder(tmp_path / "c", {}))
        assert [problem.code for problem in caught.value.problems if problem.file == name] == ["file-unreadable"]


def test_no_more_of_a_file_is_read_than_is_wanted(tmp_path: Path) -> None:
    endless = tmp_path / "endless"
    with endless.open("wb") as file:
        file.truncate(1 << 40)
    assert len(read_within(endless, 1000)) == 1001
