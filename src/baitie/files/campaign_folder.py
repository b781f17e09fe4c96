"""A campaign folder into domain objects: everything is read and checked before anything is done."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from baitie.app.calling.contact_import import ContactList
from baitie.app.campaign.campaign import Campaign, CardPlan, PresentedNumber, SeriesPlan, TrunkPlan, template_over
from baitie.app.campaign.filing_plan import FilingPlan
from baitie.domain.dialing.policy import DialingPolicy
from baitie.domain.namecard import CardChannel, NameCardTemplate, Severity
from baitie.domain.namecard.library import anything
from baitie.domain.risk.standing import line_class_of
from baitie.domain.voicebot.script import Script, parse_script
from baitie.files.agent_settings import agent_plan
from baitie.files.answering_files import Announcements, answering_plan, read_announcements
from baitie.files.campaign_settings import CAMPAIGN_FILE, SERIES_PURPOSES, CampaignSettings, SeriesSettings
from baitie.files.card_channels import card_routes, rich_call_of
from baitie.files.card_files import card_of_library, finding_problems, lint_fully, read_template_file
from baitie.files.contact_files import read_list
from baitie.files.fields import DEFAULT_REGION
from baitie.files.filing_files import why_unfiled
from baitie.files.number_terms import presented_number
from baitie.files.organisation_settings import RESERVED_TRUNK, OrganisationSettings, TrunkSettings, zone_of
from baitie.files.problems import Problem, SettingsError
from baitie.files.prompt_files import find_prompts
from baitie.files.rule_files import read_card_words, read_rulebook
from baitie.files.settings_files import find_organisation_file, load_campaign, load_organisation
from baitie.files.side_files import profile_problems, trunk_file_problems, vendor_file_problems
from baitie.files.toml_files import Loaded, read_toml
from baitie.kernel.errors import BaitieError
from baitie.kernel.fast_replace import fast_replace
from baitie.kernel.ids import CampaignId
from baitie.kernel.outcome import Outcome
from baitie.kernel.phone import PhoneNumber

LOOPBACK_TRUNK = RESERVED_TRUNK

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class FolderOutside:
    """What reading a folder needs of the outside (任务目录外界): the register of filings, and what time it is there."""

    filings: Callable[[OrganisationSettings], FilingPlan | None]
    civil_now: Callable[[OrganisationSettings, CampaignSettings], datetime]


@dataclass(frozen=True, slots=True)
class CampaignFolder:
    """Campaign folder (任务目录), wholly read: the campaign, its prompts, and both settings files."""

    folder: Path
    organisation: Loaded[OrganisationSettings]
    settings: Loaded[CampaignSettings]
    campaign: Campaign
    prompts: Mapping[str, Path]  # files by name, checked


def read_folder(path: Path, environ: Mapping[str, str], outside: FolderOutside) -> CampaignFolder:
    """Read a campaign folder, or its campaign.toml. Raises `SettingsError` with every problem found."""
    problems: list[Problem] = []
    settings = _gather(problems, lambda: load_campaign(path, environ))
    folder = (path if path.is_dir() else path.parent).resolve()
    organisation = _gather(problems, lambda: load_organisation(find_organisation_file(folder, environ), environ))
    if settings is None or organisation is None:
        _gather_usual_files(problems, folder, settings)
        raise SettingsError(problems)
    campaign_settings, enterprise = settings.settings, organisation.settings
    script = _gather(problems, lambda: _script(campaign_settings.script.file))
    announcements = _gather(problems, lambda: read_announcements(campaign_settings.answering)) or Announcements()
    prompts, prompt_problems = find_prompts(
        campaign_settings.script.prompts_folder,
        announcements.prompts
        | frozenset(campaign_settings.agents.announcement)
        | (script.prompt_names() if script is not None else frozenset()),
    )
    problems += prompt_problems
    filings = outside.filings(enterprise)
    card = _gather(problems, lambda: _card(campaign_settings, enterprise, filings, outside))
    rules = _gather(problems, lambda: read_rulebook(enterprise.rules))
    trunk = _gather(problems, lambda: _trunk(campaign_settings, enterprise))
    rich_call = _gather(problems, lambda: rich_call_of(campaign_settings, enterprise, card)) if card else None
    agents = _gather(
        problems,
        lambda: agent_plan(
            campaign_settings.agents,
            campaign_settings.pacing,
            rules,
            campaign_settings.campaign.purpose,
            campaign_settings.campaign.id,
        ),
    )
    problems += _series_problems(campaign_settings)
    problems += _unfiled_numbers(campaign_settings, enterprise)
    problems += _side_file_problems(campaign_settings, enterprise)
    if problems or script is None or card is None or rules is None or trunk is None:
        raise SettingsError(problems)
    presented_numbers = _presented_numbers(campaign_settings, enterprise)
    campaign_id = CampaignId(campaign_settings.campaign.id)
    campaign = Campaign(
        campaign_id=campaign_id,
        name=campaign_settings.campaign.name,
        enterprise=enterprise.enterprise.name,
        purpose=campaign_settings.campaign.purpose,
        policy=_policy(campaign_settings, organisation.settings),
        script=script,
        rules=rules,
        trunk=trunk,
        presented_numbers=presented_numbers,
        card=card,
        filing=filings,
        rich_call=rich_call,
        windows=tuple(campaign_settings.dialing.windows),
        attempts_max_per_day=campaign_settings.budget.attempts_max_per_day,
        zone=zone_of(enterprise),
        allow_list=_allow_list(campaign_settings, enterprise),
        recordings=campaign_settings.recording.folder if campaign_settings.recording.is_on else None,
        idle_wait_max_s=campaign_settings.dialing.idle_wait_max_s,
        callee_role=campaign_settings.contacts.callee_role,
        answering=answering_plan(campaign_settings, enterprise, announcements, {campaign_id: script}),
        line_classes=frozenset(line_class_of(shown.number.e164()) for shown in presented_numbers),
        agents=agents,
        trade=campaign_settings.campaign.trade,
        series=_series(campaign_settings.series),
    )
    return CampaignFolder(folder, organisation, settings, campaign, prompts)


def _series(settings: SeriesSettings) -> SeriesPlan | None:
    return None if settings.slot is None else SeriesPlan(settings.slot, settings.basis)


def _series_problems(settings: CampaignSettings) -> list[Problem]:
    """Only what was ordered or agreed to is a series: neither an offer nor a debt becomes one by being called so."""
    purpose = settings.campaign.purpose
    if settings.series.slot is None or purpose in SERIES_PURPOSES:
        return []
    details = {"value": purpose.value, "expected": ", ".join(SERIES_PURPOSES)}
    return [Problem(CAMPAIGN_FILE, "series.slot", "series-purpose", None, details)]


def read_folder_and_list(path: Path, environ: Mapping[str, str], outside: FolderOutside) -> CampaignFolder:
    """As `read_folder`; where the folder cannot be used, with what is wrong with its contact list besides."""
    try:
        return read_folder(path, environ, outside)
    except SettingsError as error:
        problems = list(error.problems)
        with contextlib.suppress(SettingsError):
            contacts = load_campaign(path, environ).settings.contacts
            _gather(problems, lambda: read_list(contacts, DEFAULT_REGION))
        raise SettingsError(problems) from error


def _gather(problems: list[Problem], read: Callable[[], _Read]) -> _Read | None:
    """What `read` gives, or None and its problems."""
    try:
        return read()
    except SettingsError as error:
        problems.extend(error.problems)
    return None


def _gather_usual_files(problems: list[Problem], folder: Path, settings: Loaded[CampaignSettings] | None) -> None:
    """What else is wrong while the settings themselves cannot be read, so that it is said at once."""
    script = folder / "script.toml" if settings is None else settings.settings.script.file
    card = folder / "card.toml" if settings is None else settings.settings.card.file
    if script.is_file():
        _gather(problems, lambda: _script(script))
    if card.is_file() and (settings is None or not settings.settings.card.library.is_used):
        _gather(problems, lambda: read_template_file(card))


def _script(file: Path) -> Script:
    table, _ = read_toml(file)
    try:
        return parse_script(table, file.name)
    except BaitieError as error:
        raise SettingsError([_said(file, "script-invalid", error)]) from error


def _card(
    settings: CampaignSettings, organisation: OrganisationSettings, filings: FilingPlan | None, outside: FolderOutside
) -> CardPlan:
    file, sign = settings.card.file, organisation.enterprise.sign
    if settings.card.library.is_used:
        file, template = Path(CAMPAIGN_FILE), _card_of_library(settings, organisation, filings, outside)
    else:
        template = read_template_file(file)
    routes = card_routes(settings, organisation)
    shapes = [template_over(template, route) for route in routes] or [template]  # a link may stand on one only
    found = [finding for shape in shapes for finding in lint_fully(shape, sign) if finding.severity is Severity.ERROR]
    findings = [finding for place, finding in enumerate(found) if finding not in found[:place]]
    problems = finding_problems(findings, file.name)
    if template.purpose is not settings.campaign.purpose:
        details = {
            "purpose": template.purpose.value,
            "expected_purpose": settings.campaign.purpose.value,
        }
        problems.append(Problem(file.name, "purpose", "card-purpose", None, details))
    if problems:
        raise SettingsError(problems)
    return CardPlan(
        template=template,
        sender=organisation.message_centre.sender_address,
        is_flash=template.channel is CardChannel.FLASH,
        validity_s=settings.card.validity_s,
        words=read_card_words(),
        values=settings.card.values,
        channels=routes,
        page_address=organisation.page.address,
        code_valid_days=organisation.page.code_valid_days,
    )


def _card_of_library(
    settings: CampaignSettings, organisation: OrganisationSettings, filings: FilingPlan | None, outside: FolderOutside
) -> NameCardTemplate:
    library, purpose, sign = settings.card.library, settings.campaign.purpose, organisation.enterprise.sign
    usable = anything if filings is None else why_unfiled(filings, outside.civil_now(organisation, settings))
    return card_of_library(library, purpose, sign, usable)


def trunk_of(settings: CampaignSettings, organisation: OrganisationSettings) -> tuple[str, TrunkSettings]:
    """The trunk that the campaign names, or the first. Raises `SettingsError` where it is not described."""
    name = settings.campaign.trunk or next(iter(organisation.trunks), "")
    if name not in organisation.trunks:
        details = {"value": name, "known": ", ".join(organisation.trunks)}
        raise SettingsError([Problem("campaign.toml", "campaign.trunk", "trunk-unknown", None, details)])
    return name, organisation.trunks[name]


def _trunk(settings: CampaignSettings, organisation: OrganisationSettings) -> TrunkPlan:
    if organisation.carrier.kind == "loopback":
        loopback = settings.loopback
        return TrunkPlan(LOOPBACK_TRUNK, loopback.attempts_per_s, loopback.calls_in_flight_max)
    name, trunk = trunk_of(settings, organisation)
    return TrunkPlan(name, trunk.attempts_per_s, trunk.calls_in_flight_max)


def _policy(settings: CampaignSettings, organisation: OrganisationSettings) -> DialingPolicy:
    """What the campaign says of dialling, and what its trunk is known for."""
    policy = settings.dialing.policy(settings.card)
    if organisation.carrier.kind == "loopback":
        return policy
    trunk = trunk_of(settings, organisation)[1]
    return fast_replace(policy, busy_after_ringing=Outcome(trunk.busy_after_ringing))


def _allow_list(settings: CampaignSettings, organisation: OrganisationSettings) -> frozenset[PhoneNumber] | None:
    if organisation.carrier.kind == "loopback":
        return None
    return frozenset(trunk_of(settings, organisation)[1].allow_list) or None


def _side_file_problems(settings: CampaignSettings, organisation: OrganisationSettings) -> list[Problem]:
    if organisation.carrier.kind == "loopback":
        return profile_problems(settings.loopback.profile)
    name = settings.campaign.trunk or next(iter(organisation.trunks), "")
    trunk = organisation.trunks.get(name)
    problems = [] if trunk is None else trunk_file_problems(name, trunk, organisation.message_centre)
    return problems + vendor_file_problems(settings, organisation)


def _presented_numbers(settings: CampaignSettings, organisation: OrganisationSettings) -> tuple[PresentedNumber, ...]:
    enterprise = organisation.enterprise
    chosen = settings.campaign.presented_numbers or enterprise.presented_numbers
    return tuple(presented_number(organisation, number) for number in chosen)


def _unfiled_numbers(settings: CampaignSettings, organisation: OrganisationSettings) -> list[Problem]:
    filed = set(organisation.enterprise.presented_numbers)
    return [
        Problem("campaign.toml", "campaign.presented_numbers", "number-not-filed", None, {"value": number.e164()})
        for number in settings.campaign.presented_numbers
        if number not in filed
    ]


def _said(file: Path, code: str, error: BaitieError) -> Problem:
    reason = str(error).removeprefix(f"{file.name}: ")
    return Problem(file.name, "", code, None, {"reason": reason})


def read_contacts(folder: "CampaignFolder") -> ContactList:
    """The contact list of a campaign. Raises `SettingsError`; bad rows are values in the result."""
    return read_list(folder.settings.settings.contacts, folder.organisation.settings.enterprise.default_region)
