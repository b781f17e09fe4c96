"""Announcements for callers, read and checked; and the plan by which calls that come in are answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from baitie.app.campaign.answering_plan import AnsweringPlan, checked_announcements
from baitie.domain.inbound.decision import AnsweringPolicy
from baitie.domain.voicebot.script import Script, parse_script
from baitie.files.campaign_settings import AnsweringSettings, CampaignSettings
from baitie.files.organisation_settings import OrganisationSettings, zone_of
from baitie.files.problems import Problem, SettingsError
from baitie.files.toml_files import read_toml
from baitie.kernel.errors import BaitieError
from baitie.kernel.ids import CampaignId


@dataclass(frozen=True, slots=True)
class Announcements:
    """Announcements (接听播报) of a campaign folder; nothing where nobody is answered."""

    script: Script | None = None
    prompts: frozenset[str] = field(default_factory=frozenset)


def read_announcements(settings: AnsweringSettings) -> Announcements:
    """Read the file that the settings name, where answering is on. Raises `SettingsError`."""
    if not settings.is_on:
        return Announcements()
    table, _ = read_toml(settings.file)
    try:
        script = checked_announcements(parse_script(table, settings.file.name), settings.file.name)
    except BaitieError as error:
        reason = str(error).removeprefix(f"{settings.file.name}: ")
        problem = Problem(settings.file.name, "", "script-invalid", None, {"reason": reason})
        raise SettingsError([problem]) from error
    return Announcements(script, script.prompt_names())


def answering_plan(
    settings: CampaignSettings,
    organisation: OrganisationSettings,
    announcements: Announcements,
    scripts: Mapping[CampaignId, Script],
) -> AnsweringPlan | None:
    """By what calls that come in are answered; None where they are not."""
    if announcements.script is None:
        return None
    answering, enterprise = settings.answering, organisation.enterprise
    policy = AnsweringPolicy(
        windows=tuple(answering.windows),
        looks_back_days=answering.looks_back_days,
        calls_in_flight_max=answering.calls_in_flight_max,
        ring_s=answering.ring_s,
        call_max_s=settings.dialing.call_max_s,
    )
    return AnsweringPlan(
        policy=policy,
        announcements=announcements.script,
        scripts=dict(scripts),
        presented_numbers=frozenset(enterprise.presented_numbers),
        region=enterprise.default_region,
        zone=zone_of(organisation),
        recordings=settings.recording.folder if settings.recording.is_on else None,
    )
