"""Nothing of the shipped sample goes over a real line: neither its brand and numbers nor its voice and people."""

import asyncio
import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.example_folders import use_card
from tests.fakes.clock import VirtualClock
from tests.rehearsal.real_runs import tone

from baitie.adapters.clock import SystemRng
from baitie.bootstrap.answering import answer_for
from baitie.bootstrap.assemble import run_folder
from baitie.bootstrap.checking import check_campaign
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.importing import import_once
from baitie.bootstrap.starting import refuse_unlawful
from baitie.bootstrap.stores import open_store
from baitie.cli.main import run
from baitie.files.campaign_folder import read_contacts
from baitie.files.examples import copy_example, example_file
from baitie.files.problems import SettingsError
from baitie.files.samples import sample_problems

OWN = {
    "baitie.toml": [
        (r'^name = ".*"', 'name = "青山医院"'),
        (r'^sign = ".*"', 'sign = "青山医院"'),
        (r"^presented_numbers = .*", 'presented_numbers = ["+8657188001234"]'),
        (r'^kind = "loopback"', 'kind = "trunks"'),
    ],
    "campaign.toml": [(r'^source = ".*"', 'source = "门诊登记"'), (r"^legal_basis = .*", 'legal_basis = "诊疗合同"')],
    "card.toml": [(r"^sign = .*", 'sign = "青山医院"')],
    "script.toml": [(r'^id = ".*"', 'id = "suifang"')],
    "answering.toml": [(r'^id = ".*"', 'id = "suifang-in"')],
}


def change(file: Path, pattern: str, replacement: str) -> None:
    text, count = re.subn(pattern, replacement, file.read_text("utf-8"), flags=re.MULTILINE)
    assert count
    file.write_text(text, "utf-8")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The sample with everything exchanged, as a hospital would have it over its trunk."""
    folder = tmp_path / "c"
    copy_example("order-followup", folder)
    use_card(folder)
    for file, changes in OWN.items():
        for pattern, replacement in changes:
            change(folder / file, pattern, replacement)
    with (folder / "baitie.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[trunks.main]\nhost = '203.0.113.9'\n[page]\naddress = 'https://card.hospital.example/'\n")
    for number, prompt in enumerate(sorted((folder / "prompts").glob("*.pcma"))):
        prompt.write_bytes(tone(0.6, hz=200.0 + 20 * number))
    heading = (folder / "contacts.csv").read_text("utf-8-sig").splitlines()[0]
    (folder / "contacts.csv").write_text(f"{heading}\n13912345678,王芳,0371,挂号,2026-02-26,regular\n", "utf-8")
    return folder


def found(folder: Path) -> set[tuple[str, str, str]]:
    campaign = read_folder(folder, {})
    problems = sample_problems(campaign, read_contacts(campaign).result.accepted)
    for problem in problems:
        assert problem.text("zh") != problem.text("en")
    return {(problem.file, problem.place, problem.code) for problem in problems}


def sample(name: str) -> bytes:
    return example_file(f"prompts/{name}.pcma").read_bytes()


def wav(audio: bytes) -> bytes:
    """A-law in a WAV."""
    form = (
        b"fmt " + (16).to_bytes(4, "little") + bytes.fromhex("0600 0100 401f0000 401f0000 0100 0800".replace(" ", ""))
    )
    body = form + b"data" + len(audio).to_bytes(4, "little") + audio
    return b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WAVE" + body


def write(folder: Path, name: str, data: bytes) -> None:
    (folder / "prompts" / "greeting.pcma").unlink()
    (folder / "prompts" / name).write_bytes(data)


def sample_row(folder: Path) -> None:
    row = example_file("contacts.csv").read_text("utf-8-sig").splitlines()[1]
    with (folder / "contacts.csv").open("a", encoding="utf-8") as file:
        file.write(f"{row}\n")


@dataclass(frozen=True)
class Case:
    """What somebody left of the sample, and where it is named."""

    leave: Callable[[Path], object]
    named: tuple[str, str, str]
    more: Mapping[str, str] = field(default_factory=dict)


CASES = {
    "name": Case(
        lambda f: change(f / "baitie.toml", "^name = .*", 'name = "云杉 优选商城"'),
        ("baitie.toml", "enterprise.name", "sample-brand"),
    ),
    "source": Case(
        lambda f: change(f / "campaign.toml", "^source = .*", 'source = "云杉优选商城订单"'),
        ("campaign.toml", "contacts.source", "sample-brand"),
    ),
    "card's text": Case(
        lambda f: change(f / "card.toml", '^text = "', 'text = "云杉优选'), ("card.toml", "text", "sample-brand")
    ),
    "number": Case(
        lambda f: change(
            f / "baitie.toml", "^presented_numbers = .*", 'presented_numbers = ["+862150000101", "+8657188001234"]'
        ),
        ("baitie.toml", "enterprise.presented_numbers", "sample-number"),
    ),
    "script": Case(
        lambda f: change(f / "script.toml", '^id = ".*"', 'id = "order-followup"'),
        ("script.toml", "script.id", "sample-script"),
    ),
    "announcements": Case(
        lambda f: change(f / "answering.toml", '^id = ".*"', 'id = "order-followup-answering"'),
        ("answering.toml", "script.id", "sample-script"),
    ),
    "prompt": Case(
        lambda f: write(f, "greeting.pcma", sample("greeting")), ("prompts/greeting.pcma", "", "sample-voice")
    ),
    "prompt of answering": Case(
        lambda f: (f / "prompts/in-closed.pcma").write_bytes(sample("in-closed")),
        ("prompts/in-closed.pcma", "", "sample-voice"),
    ),
    "renamed prompt": Case(
        lambda f: write(f, "greeting.alaw", sample("thanks-missing")), ("prompts/greeting.alaw", "", "sample-voice")
    ),
    "prompt as WAV": Case(
        lambda f: write(f, "greeting.wav", wav(sample("reason"))), ("prompts/greeting.wav", "", "sample-voice")
    ),
    "prompt with a beep before it": Case(
        lambda f: write(f, "greeting.pcma", tone(0.3) + sample("question")[800:]),
        ("prompts/greeting.pcma", "", "sample-voice"),
    ),
    "one row of its list": Case(sample_row, ("contacts.csv", "", "sample-people")),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_is_left_of_the_sample_is_named_at_its_place(own: Path, case: Case) -> None:
    assert found(own) == set()
    case.leave(own)
    assert found(own) == {case.named}


def test_on_the_loopback_carrier_the_sample_is_what_it_is_for(own: Path) -> None:
    for case in CASES.values():
        if "prompts/" not in case.named[0]:
            case.leave(own)
    change(own / "baitie.toml", '^kind = "trunks"', 'kind = "loopback"')
    assert found(own) == set()


def test_check_calls_it_an_error_and_run_refuses_before_anything_is_opened(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(own, "greeting.pcma", sample("greeting"))
    before = sorted(path.name for path in own.iterdir())
    assert run(["check", str(own), "--json", "--lang", "zh"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [problem["code"] for problem in told["forbidden"]] == ["sample-voice"]
    assert run(["check", str(own), "--lang", "zh"]) == 1
    assert "可以运行" not in capsys.readouterr().out
    campaign = read_folder(own, {})
    with pytest.raises(SettingsError) as caught:
        asyncio.run(run_folder(campaign, "en", lambda started: None))
    assert [problem.code for problem in caught.value.problems] == ["sample-voice"]
    with pytest.raises(SettingsError):
        asyncio.run(answer_for([campaign], lambda started: None))
    assert sorted(path.name for path in own.iterdir()) == before


def test_people_of_the_sample_who_were_imported_on_the_loopback_carrier_are_not_called_over_a_trunk(own: Path) -> None:
    shutil.copy(example_file("contacts.csv"), own / "contacts.csv")
    change(own / "baitie.toml", '^kind = "trunks"', 'kind = "loopback"')
    simulated, clock = read_folder(own, {}), VirtualClock()
    store = open_store(simulated.organisation.settings)
    try:
        assert import_once(simulated, store, SystemRng(), clock.civil_now(), "en") is not None
        refuse_unlawful(simulated, store, clock, "en")
        change(own / "baitie.toml", '^kind = "loopback"', 'kind = "trunks"')
        with pytest.raises(SettingsError) as caught:
            refuse_unlawful(read_folder(own, {}), store, clock, "en")
    finally:
        store.close()
    assert [problem.code for problem in caught.value.problems] == ["sample-people"]


def test_check_says_that_agents_have_no_line_on_a_trunk(own: Path) -> None:
    with (own / "campaign.toml").open("a", encoding="utf-8") as file:
        file.write('\n[agents]\ncount = 8\n\n[pacing]\nmode = "progressive"\n')
    forbidden = check_campaign(read_folder(own, {}), "zh").forbidden
    assert [(problem.place, problem.code) for problem in forbidden] == [("pacing.mode", "agents-on-trunks")]
