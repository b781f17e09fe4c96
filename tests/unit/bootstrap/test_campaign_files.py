"""Campaign folders: read whole, or refused with every fault named."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from tests.example_folders import use_card

from baitie.bootstrap.folders import read_folder
from baitie.files.campaign_folder import read_contacts
from baitie.files.examples import FolderTakenError, copy_example, example_names
from baitie.files.organisation_settings import RuleSettings
from baitie.files.problems import SettingsError
from baitie.files.rule_files import packs_left_out, read_rulebook, shipped_packs
from baitie.kernel.outcome import Outcome


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy_example("order-followup", tmp_path / "c")
    use_card(tmp_path / "c")
    return tmp_path / "c"


def replaced(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def faults(folder: Path) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        read_folder(folder, {})
    for problem in caught.value.problems:
        assert problem.text("zh") != problem.text("en")
    return {f"{problem.file} {problem.place}".strip(): problem.text("en") for problem in caught.value.problems}


def test_the_example_is_read_without_a_fault_and_holds_what_honest_lists_hold(folder: Path) -> None:
    read = read_folder(folder, {})
    result = read_contacts(read).result
    assert len(result.accepted) > 300
    assert result.rejected
    assert result.merged
    assert set(read.prompts) >= read.campaign.script.prompt_names()


@pytest.mark.parametrize("name", example_names())
def test_every_example_can_be_copied_and_read(tmp_path: Path, name: str) -> None:
    copy_example(name, tmp_path / name)
    assert read_folder(tmp_path / name, {}).campaign.name


def test_an_example_is_never_copied_over_anything(folder: Path) -> None:
    before = (folder / "campaign.toml").read_bytes()
    with pytest.raises(FolderTakenError):
        copy_example("order-followup", folder)
    assert (folder / "campaign.toml").read_bytes() == before


def test_faults_of_all_files_are_named_at_once(folder: Path) -> None:
    (folder / "prompts" / "greeting.pcma").unlink()
    (folder / "prompts" / "reason.pcma").write_bytes(b"ID3 not a prompt")
    replaced(folder / "card.toml", 'sign = "云杉优选"', 'sign = "别家优选"')
    replaced(folder / "campaign.toml", 'purpose = "care"', 'purpose = "care"\npresented_numbers = ["+862199999999"]')
    found = faults(folder)
    assert "has no such file" in found["prompts/greeting.pcma"]
    assert "MP3" in found["prompts/reason.pcma"]
    assert "verified brand" in found["card.toml sign"]
    assert "presented_numbers" in found["campaign.toml campaign.presented_numbers"]


BREAKAGES: list[tuple[str, Callable[[Path], object], str]] = [
    ("card gone", lambda f: (f / "card.toml").unlink(), "card.toml"),
    ("card no TOML", lambda f: (f / "card.toml").write_text("x"), "card.toml"),
    ("script gone", lambda f: (f / "script.toml").unlink(), "script.toml"),
    (
        "script to nowhere",
        lambda f: replaced(f / "script.toml", 'next = "question"', 'next = "nowhere"'),
        "script.toml",
    ),
    ("other purpose", lambda f: replaced(f / "card.toml", '"care"', '"collection"'), "card.toml purpose"),
    ("unknown pack", lambda f: append(f / "baitie.toml", '[rules]\npacks = ["cor"]'), "baitie.toml rules.packs"),
    ("unknown trunk", lambda f: with_trunk(f, 'trunk = "b"'), "campaign.toml campaign.trunk"),
    ("secret gone", lambda f: with_trunk(f, "", "password_file = 'pw'"), "pw trunks.a.password_file"),
    ("authorities gone", lambda f: with_trunk(f, "", "ca_file = 'ca.pem'"), "ca.pem trunks.a.ca_file"),
    ("profile gone", lambda f: replaced(f / "campaign.toml", "seed = 7", "seed = 7\nprofile = 'p'"), "p"),
    ("profile bad", lambda f: with_profile(f, "[answer]\nrate = 2\n"), "p.toml"),
]


def append(file: Path, text: str) -> None:
    file.write_text(f"{file.read_text('utf-8')}\n{text}\n", "utf-8")


def with_profile(folder: Path, text: str) -> None:
    replaced(folder / "campaign.toml", "seed = 7", "seed = 7\nprofile = 'p.toml'")
    (folder / "p.toml").write_text(text)


def with_trunk(folder: Path, line: str, of_trunk: str = "") -> None:
    replaced(folder / "baitie.toml", '"loopback"', '"trunks"')
    append(folder / "baitie.toml", f"[trunks.a]\nhost = 'sip.example'\n{of_trunk}")
    replaced(folder / "campaign.toml", 'purpose = "care"', f'purpose = "care"\n{line}')


@pytest.mark.parametrize(("breakage", "place"), [b[1:] for b in BREAKAGES], ids=[b[0] for b in BREAKAGES])
def test_each_breakage_is_named_at_its_place(folder: Path, breakage: Callable[[Path], None], place: str) -> None:
    breakage(folder)
    assert place in faults(folder)


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "empty"), (b"\x00\x01", ""), ("姓名\n王\n".encode(), "no such column")]
)
def test_a_contact_file_that_cannot_be_read_is_named(folder: Path, content: bytes, said: str) -> None:
    (folder / "contacts.csv").write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        read_contacts(read_folder(folder, {}))
    assert said in str(caught.value)


@pytest.mark.parametrize(("line", "outcome"), [("", Outcome.REJECTED), ("busy_after_ringing = 'busy'", Outcome.BUSY)])
def test_what_busy_after_ringing_means_is_the_trunks_word(folder: Path, line: str, outcome: Outcome) -> None:
    with_trunk(folder, 'trunk = "a"', line)
    assert read_folder(folder, {}).campaign.policy.busy_after_ringing is outcome


def test_the_allow_list_of_a_trunk_binds_the_campaign(folder: Path) -> None:
    with_trunk(folder, 'trunk = "a"')
    append(folder / "baitie.toml", "allow_list = ['+8613800001000']")
    campaign = read_folder(folder, {}).campaign
    assert campaign.allow_list is not None
    assert [number.e164() for number in campaign.allow_list] == ["+8613800001000"]
    assert campaign.trunk.name == "a"


def test_all_shipped_packs_are_used_unless_some_are_named() -> None:
    everything, core = read_rulebook(RuleSettings()), read_rulebook(RuleSettings(packs=["core"]))
    assert len(shipped_packs()) > 1
    assert len(core.rules) < len(everything.rules)


def gate_rules(**rules: Any) -> set[str]:
    return {rule.rule_id for rule in read_rulebook(RuleSettings(**rules)).rules}


@pytest.mark.parametrize("packs", [["cn-core", "cn-marketing"], ["advice"], ["us-core"], ["cn-insurance"]])
def test_the_core_pack_is_asked_whatever_packs_are_named(packs: list[str]) -> None:
    assert {"CORE-REFUSAL", "CORE-FREEZE-LIST", "CORE-NUMBER-CLASS"} <= gate_rules(packs=packs)
    assert read_rulebook(RuleSettings(packs=packs)).packs[0].name == "core"


@pytest.mark.parametrize(
    ("file", "name"), [("core.toml", "core"), ("core.toml", "mine"), ("mine.toml", "core"), ("Core.toml", " CORE ")]
)
def test_no_pack_of_the_enterprise_takes_the_place_of_the_core_pack(folder: Path, file: str, name: str) -> None:
    (folder / "rules").mkdir()
    text = shipped_packs()["advice"].replace('pack = "advice"', f'pack = "{name}"').replace('"ADVICE-', '"MINE-')
    (folder / "rules" / file).write_text(text, "utf-8")
    append(folder / "baitie.toml", '[rules]\nfolder = "rules"')
    assert "cannot be replaced" in faults(folder)[f"{file} pack"]


def test_packs_that_are_left_out_are_named_where_they_have_rules() -> None:
    def left_out(regions: Iterable[str | None], *packs: str) -> tuple[str, ...]:
        return packs_left_out(read_rulebook(RuleSettings(packs=list(packs))), regions)

    assert left_out({"CN", "US", None}) == ()
    assert left_out({"CN"}, "cn-core") == ("cn-collection", "cn-marketing", "advice")
    assert left_out({"US"}, "cn-core") == ("us-core", "advice")
    assert left_out({None}, "core", "advice") == ("cn-core", "cn-collection", "cn-marketing", "us-core")
    assert left_out(set(), "advice") == ()


def test_a_pack_of_the_enterprise_under_a_shipped_name_leaves_the_shipped_one_out(folder: Path) -> None:
    (folder / "rules").mkdir()
    text = shipped_packs()["cn-core"].split("\n[[rule]]")
    (folder / "rules" / "cn-core.toml").write_text("\n[[rule]]".join(text[:2]), "utf-8")
    append(folder / "baitie.toml", '[rules]\nfolder = "rules"')
    assert packs_left_out(read_folder(folder, {}).campaign.rules, ["CN"]) == ("cn-core",)


def test_no_real_trunk_bears_the_name_of_the_simulated_one(folder: Path) -> None:
    with_trunk(folder, 'trunk = "loopback"', "[trunks.loopback]\nhost = 'sip.example'")
    assert "may not be called loopback" in " ".join(faults(folder).values())
