"""What callers are answered with: decided beforehand, checked and immutable."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from pathlib import Path

from baitie.domain.inbound.decision import AnsweringPolicy, Treatment
from baitie.domain.voicebot.script import Script
from baitie.kernel.errors import InputError
from baitie.kernel.ids import CampaignId
from baitie.kernel.phone import PhoneNumber

NODE_OF: Mapping[Treatment, str] = {
    treatment: treatment.value.replace("_", "-") for treatment in Treatment if treatment is not Treatment.SCRIPT
}
"""At which node of the announcements each treatment begins."""

CALL_BACK_ANSWER = "call_back"
"""The answer of this name, whatever its value, asks for a call back. Offered to callers outside the hours."""


class AnnouncementError(InputError):
    """The announcements for callers cannot be used. Mend the node that the message names."""

    code = "announcement-invalid"


@dataclass(frozen=True, slots=True)
class AnsweringPlan:
    """Answering plan (接听方案): hours and bounds, announcements, and the scripts of the campaigns served here."""

    policy: AnsweringPolicy
    announcements: Script
    scripts: Mapping[CampaignId, Script]
    presented_numbers: frozenset[PhoneNumber]  # of the enterprise: what callers may have dialled
    region: str = "CN"  # how numbers without a country code are read
    zone: tzinfo = field(default=UTC)  # of the enterprise
    recordings: Path | None = None  # folder; None records nothing

    @property
    def served(self) -> frozenset[CampaignId]:
        """The campaigns whose scripts can be run here."""
        return frozenset(self.scripts)

    def script_for(self, treatment: Treatment, campaign_id: CampaignId | None, *, knows_number: bool = True) -> Script:
        """What is said to the caller. Nobody is promised to be left alone whose number is not known."""
        script = self.announcements
        if treatment is Treatment.SCRIPT and campaign_id is not None:
            script = self.scripts[campaign_id]
        else:
            script = replace(script, start=NODE_OF[treatment])
        return script if knows_number else replace(script, refuse_key=None)

    def prompt_names(self) -> frozenset[str]:
        """Every prompt that may be played to callers."""
        return self.announcements.prompt_names().union(*(script.prompt_names() for script in self.scripts.values()))


def checked_announcements(script: Script, file: str) -> Script:
    """The announcements, if each treatment has its node. Raises AnnouncementError."""
    for name in NODE_OF.values():
        if name not in script.nodes:
            raise AnnouncementError(f"{file}: needs [nodes.{name}]; callers are answered there.")
    refused = script.nodes[NODE_OF[Treatment.OPTED_OUT]]
    if refused.keys or refused.next_node is not None:
        raise AnnouncementError(f"{file}: [nodes.{refused.name}] may ask nothing: who refused is told so and let go.")
    return script
