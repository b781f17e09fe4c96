"""A pack of one's own names remedies that people can read."""

from pathlib import Path

import pytest

import baitie
from baitie.files.organisation_settings import RuleSettings
from baitie.files.problems import SettingsError
from baitie.files.rule_files import known_remedies, read_rulebook
from baitie.files.rule_listing import find_pack


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The shipped advice pack as an own one, under another name."""
    text = (Path(baitie.__file__).parent / "rules" / "advice.toml").read_text("utf-8")
    folder = tmp_path / "rules"
    folder.mkdir()
    text = text.replace('pack = "advice"', 'pack = "house"').replace("ADVICE-", "HOUSE-")
    (folder / "house.toml").write_text(text, "utf-8")
    return folder


def test_every_remedy_of_the_shipped_packs_is_known(own: Path) -> None:
    assert "wait" in known_remedies()
    read_rulebook(RuleSettings(folder=own))


@pytest.mark.parametrize(("written", "meant"), [("do-something", None), ("wiat", "wait")])
def test_an_unknown_remedy_is_refused_with_the_nearest_that_is_known(
    own: Path, written: str, meant: str | None
) -> None:
    file = own / "house.toml"
    text = file.read_text("utf-8")
    assert '"wait"' in text
    file.write_text(text.replace('"wait"', f'"{written}"', 1), "utf-8")
    for read in (lambda: read_rulebook(RuleSettings(folder=own)), lambda: find_pack(str(file))):
        with pytest.raises(SettingsError) as caught:
            read()
        (problem,) = caught.value.problems
        assert (problem.details["value"], problem.details["suggestion"]) == (written, meant)
        assert "wait" in problem.text("zh")
