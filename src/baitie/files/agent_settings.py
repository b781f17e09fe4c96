"""Settings of human agents and of pacing in `campaign.toml`, and the plan they make."""

import csv
import re
from pathlib import Path
from typing import Annotated

from pydantic import Field

from baitie.app.campaign.agent_plan import CONNECT_MAX_S, AgentPlan, Roster, ceiling_of
from baitie.domain.agents.agent_pool import AGENTS_MAX
from baitie.domain.dialing.pacing.controllers import PacingMode
from baitie.domain.risk.rulebook import RuleBook
from baitie.domain.voicebot.script import Script, parse_script
from baitie.files.bounded_files import read_within
from baitie.files.fields import FileIn, FromCommas, Section
from baitie.files.problems import Problem, SettingsError
from baitie.kernel.ids import AgentId
from baitie.kernel.purpose import Purpose

ROSTER_OCTETS_MAX = 1024 * 1024
_ID_MAX = 63
_BETWEEN = re.compile(r"[\s,;，；、]+")


class PacingSettings(Section):
    """Pacing (节拍): who speaks with those who answer, and what decides that an attempt is placed."""

    mode: PacingMode = PacingMode.BOT


class AgentSettings(Section):
    """Agents (坐席): who is there, and how long callees, calls and agents wait for each other."""

    count: int = Field(default=0, ge=0, le=AGENTS_MAX)
    roster: FileIn | None = None
    connect_max_s: float = Field(default=CONNECT_MAX_S, ge=0.2, le=CONNECT_MAX_S)
    accept_max_s: float = Field(default=1.0, gt=0, le=60)
    wrap_up_max_s: float = Field(default=120.0, ge=1, le=3600)
    preview_max_s: float = Field(default=60.0, ge=5, le=600)
    absent_max_s: float = Field(default=1800.0, ge=10, le=86_400)
    announcement: Annotated[list[str], FromCommas] = []
    weight: int = Field(default=1, ge=1, le=100)


def agent_plan(
    agents: AgentSettings, pacing: PacingSettings, rules: RuleBook | None, purpose: Purpose, campaign_id: str
) -> AgentPlan | None:
    """The plan of a campaign with agents; None where the bot speaks. Raises `SettingsError`."""
    if pacing.mode is PacingMode.BOT or rules is None:
        return None
    return AgentPlan(
        mode=pacing.mode,
        roster=_roster(agents, campaign_id),
        connect_max_s=agents.connect_max_s,
        accept_max_s=agents.accept_max_s,
        wrap_up_max_s=agents.wrap_up_max_s,
        preview_max_s=agents.preview_max_s,
        absent_max_s=agents.absent_max_s,
        announcement=_announcement(agents),
        ceiling=ceiling_of(rules, purpose),
        weight=agents.weight,
    )


def _roster(agents: AgentSettings, campaign_id: str) -> Roster:
    """The agents of the roster file who serve this campaign, or as many as `count` says."""
    if agents.roster is None:
        if not agents.count:
            raise SettingsError([Problem("campaign.toml", "agents.count", "agents-missing")])
        return tuple(AgentId(f"agent-{number:04d}") for number in range(1, agents.count + 1))
    if agents.count:
        details = {"first": "agents.count", "second": "agents.roster"}
        raise SettingsError([Problem("campaign.toml", "agents", "one-of-two", None, details)])
    serving = _serving(agents.roster)
    if not serving:
        raise SettingsError([Problem(agents.roster.name, "", "roster-empty")])
    here = tuple(agent_id for agent_id, campaigns in serving.items() if not campaigns or campaign_id in campaigns)
    if not here:
        details = {"campaign": campaign_id}
        raise SettingsError([Problem(agents.roster.name, "campaigns", "roster-without-campaign", None, details)])
    return here


def _serving(file: Path) -> dict[AgentId, frozenset[str]]:
    """Columns `id` and `campaigns` of a CSV file: ids of campaigns, by spaces, commas or semicolons; none for every
    campaign. Other columns, such as names, stay where they are."""
    try:
        data = read_within(file, ROSTER_OCTETS_MAX)
        rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
    except FileNotFoundError:
        raise SettingsError([Problem(file.name, "", "file-missing", None, {"path": str(file)})]) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError([Problem(file.name, "", "file-unreadable", None, {"reason": str(error)})]) from error
    problems: list[Problem] = []
    serving: dict[AgentId, frozenset[str]] = {}
    for line, row in enumerate(rows, start=2):
        agent_id = (row.get("id") or "").strip()
        is_usable = agent_id.isascii() and agent_id.replace("-", "").replace("_", "").isalnum()
        if not is_usable or len(agent_id) > _ID_MAX or agent_id in serving or len(serving) >= AGENTS_MAX:
            problems.append(Problem(file.name, "id", "roster-id-invalid", line, {"value": agent_id}))
        else:
            serving[AgentId(agent_id)] = frozenset(_BETWEEN.split((row.get("campaigns") or "").strip())) - {""}
    if problems:
        raise SettingsError(problems)
    return serving


def _announcement(agents: AgentSettings) -> Script | None:
    if not agents.announcement:
        return None
    node = {"prompts": [*agents.announcement]}
    return parse_script(
        {"script": {"id": "no-agent", "start": "say"}, "nodes": {"say": node}}, "campaign.toml agents.announcement"
    )
