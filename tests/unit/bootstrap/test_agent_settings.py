"""Agents and pacing in campaign.toml: every fault is named, and a real carrier refuses agents."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from baitie.app.ports.agents import AgentsNeedRehearsalError
from baitie.bootstrap.assemble import run_folder
from baitie.bootstrap.folders import read_folder
from baitie.domain.dialing.pacing.controllers import PacingMode
from baitie.files.campaign_folder import CampaignFolder
from baitie.files.problems import SettingsError
from baitie.kernel.ids import AgentId

EXAMPLE = Path(__file__).parents[3] / "examples" / "order-followup"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "campaign"))


def read(folder: Path, more: str) -> CampaignFolder:
    file = folder / "campaign.toml"
    file.write_text(f"{file.read_text('utf-8')}\n{more}\n", "utf-8")
    return read_folder(folder, {})


def faults(folder: Path, more: str) -> set[str]:
    with pytest.raises(SettingsError) as caught:
        read(folder, more)
    assert all(problem.text(lang) for problem in caught.value.problems for lang in ("zh", "en"))
    return {f"{problem.place}: {problem.code}" for problem in caught.value.problems}


def test_without_a_word_the_bot_speaks(folder: Path) -> None:
    assert read(folder, "").campaign.agents is None


def test_agents_are_counted_or_named_and_the_ceiling_comes_from_the_rules(folder: Path) -> None:
    plan = read(folder, '[agents]\ncount = 3\n[pacing]\nmode = "predictive"').campaign.agents
    assert plan is not None
    assert plan.mode is PacingMode.PREDICTIVE
    assert list(plan.roster) == ["agent-0001", "agent-0002", "agent-0003"]
    assert (plan.ceiling.max_per_10000, plan.ceiling.window_s, plan.ceiling.answers_min) == (300, 86_400, 50)


def test_a_roster_gives_ids_and_leaves_names_where_they_are(folder: Path) -> None:
    (folder / "agents.csv").write_text("name,id\n张三,zhang-3\n李四,li_4\n", "utf-8-sig")
    plan = read(folder, '[agents]\nroster = "agents.csv"\n[pacing]\nmode = "preview"').campaign.agents
    assert plan is not None
    assert set(plan.roster) == {AgentId("zhang-3"), AgentId("li_4")}


def test_a_roster_says_which_campaigns_an_agent_serves(folder: Path) -> None:
    here = read(folder, "").campaign.campaign_id
    rows = f"id,campaigns\na,\nb,{here}\nc,other\nd,other; {here}\n"
    (folder / "agents.csv").write_text(rows, "utf-8")
    plan = read(folder, '[agents]\nroster = "agents.csv"\nweight = 2\n[pacing]\nmode = "preview"').campaign.agents
    assert plan is not None
    assert list(plan.roster) == ["a", "b", "d"]
    assert plan.weight == 2


def test_a_roster_without_anybody_for_the_campaign_is_refused(folder: Path) -> None:
    (folder / "agents.csv").write_text("id,campaigns\na,other\n", "utf-8")
    found = faults(folder, '[agents]\nroster = "agents.csv"\n[pacing]\nmode = "preview"')
    assert {fault.rpartition(" ")[2] for fault in found} == {"roster-without-campaign"}


def test_an_announcement_is_a_prompt_that_must_be_there(folder: Path) -> None:
    agents = '[agents]\ncount = 1\nannouncement = ["sorry"]\n[pacing]\nmode = "progressive"'
    assert faults(folder, agents) == {": prompt-missing"}
    shutil.copy(folder / "prompts" / "greeting.pcma", folder / "prompts" / "sorry.pcma")
    plan = read_folder(folder, {}).campaign.agents
    assert plan is not None
    assert plan.announcement is not None
    assert plan.announcement.prompt_names() == {"sorry"}


@pytest.mark.parametrize(
    ("roster", "code"),
    [("id\n", "roster-empty"), ("id\na\na\n", "roster-id-invalid"), ("id\n张三\n", "roster-id-invalid"),
     (f"id\n{'a' * 64}\n", "roster-id-invalid"), ("name\nx\n", "roster-id-invalid"), (None, "file-missing")],
)  # fmt: skip
def test_a_bad_roster_is_refused(folder: Path, roster: str | None, code: str) -> None:
    if roster is not None:
        (folder / "agents.csv").write_text(roster, "utf-8")
    found = faults(folder, '[agents]\nroster = "agents.csv"\n[pacing]\nmode = "manual"')
    assert {fault.rpartition(" ")[2] for fault in found} == {code}


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ('[pacing]\nmode = "predictive"', "agents.count: agents-missing"),
        ('[pacing]\nmode = "fast"', "pacing.mode: not-one-of"),
        ("[agents]\nconnect_max_s = 2.1", "agents.connect_max_s: out-of-range"),
        ('[agents]\ncount = 1\nroster = "a.csv"\n[pacing]\nmode = "manual"', "agents: one-of-two"),
    ],
)
def test_a_fault_is_named_with_its_place(folder: Path, more: str, fault: str) -> None:
    assert fault in faults(folder, more)


def test_a_real_carrier_refuses_a_campaign_with_agents_before_anything_is_opened(folder: Path) -> None:
    organisation = folder / "baitie.toml"
    text = organisation.read_text("utf-8").replace('"loopback"', '"trunks"')
    organisation.write_text(f"{text}\n[trunks.a]\nhost = 'sip.example'\n", "utf-8")
    found = read(folder, '[agents]\ncount = 3\n[pacing]\nmode = "progressive"')
    before = sorted(os.listdir(folder))
    with pytest.raises(AgentsNeedRehearsalError):
        asyncio.run(run_folder(found, "en", lambda started: None))
    assert sorted(os.listdir(folder)) == before
