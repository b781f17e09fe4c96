"""The desk of a campaign's agents: simulated ones on the loopback carrier; a real carrier has none."""

from dataclasses import dataclass

from baitie.app.agents.desk import AgentsNeedRehearsalError
from baitie.app.ports import Clock
from baitie.bootstrap.campaign_files import CampaignFolder
from baitie.bootstrap.loopback_process import profile_file
from baitie.bootstrap.problems import Problem
from baitie.bootstrap.toml_files import read_toml
from baitie.kernel.ids import AttemptId
from baitie.rehearsal.agents import SimulatedDesk, desk_for
from baitie.rehearsal.profile import parse_profile


@dataclass(frozen=True, slots=True)
class LoopbackLine:
    """Line (线路) between simulated agents and the handsets of the loopback carrier. No voice goes over it: the handset
    lives in another process, does what its profile says, and hears nothing of the agent."""

    is_callee_simulated_here: bool = False

    def join(self, attempt_id: AttemptId) -> bool:
        """The call goes on as the handset's profile says."""
        return True

    def end_by_callee(self, attempt_id: AttemptId) -> None:
        """The handset decides by itself when to hang up."""

    def is_machine(self, attempt_id: AttemptId) -> bool:
        """Not known here: agents take a mailbox for a person who says nothing."""
        return False


def refuse_agents_on_trunks(folder: CampaignFolder) -> None:
    """Raises `AgentsNeedRehearsalError` for a campaign with agents on a real carrier."""
    if _lacks_line(folder):
        raise AgentsNeedRehearsalError()


def line_problems(folder: CampaignFolder) -> list[Problem]:
    """The same as a check says it."""
    return [Problem("campaign.toml", "pacing.mode", "agents-on-trunks")] if _lacks_line(folder) else []


def _lacks_line(folder: CampaignFolder) -> bool:
    return folder.campaign.agents is not None and folder.organisation.settings.carrier.kind != "loopback"


def loopback_desk(folder: CampaignFolder, clock: Clock) -> SimulatedDesk | None:
    """The simulated agents of a campaign on the loopback carrier; None where the bot speaks."""
    plan, loopback = folder.campaign.agents, folder.settings.settings.loopback
    if plan is None:
        return None
    file = profile_file(loopback.profile)
    profile = parse_profile(read_toml(file)[0], file.name).agents
    return desk_for(clock, profile, LoopbackLine(), loopback.seed, plan.roster, plan.mode)
