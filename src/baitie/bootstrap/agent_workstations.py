"""The workstation of a campaign's agents: simulated ones on the loopback carrier; a real carrier has none."""

from dataclasses import dataclass

from baitie.app.ports.agents import AgentsNeedRehearsalError
from baitie.app.ports.clock import Clock
from baitie.files.campaign_folder import CampaignFolder
from baitie.files.problems import Problem
from baitie.files.profile_files import profile_file
from baitie.files.toml_files import read_toml
from baitie.kernel.ids import AttemptId
from baitie.rehearsal.agents import SimulatedWorkstation, workstation_for
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


def loopback_workstation(folder: CampaignFolder, clock: Clock) -> SimulatedWorkstation | None:
    """The simulated agents of a campaign on the loopback carrier; None where the bot speaks."""
    plan, loopback = folder.campaign.agents, folder.settings.settings.loopback
    if plan is None:
        return None
    file = profile_file(loopback.profile)
    profile = parse_profile(read_toml(file)[0], file.name).agents
    return workstation_for(clock, profile, LoopbackLine(), loopback.seed, plan.roster, plan.mode)
