"""Campaign folders read with what stands outside of them: the register of filings, the store, and the time."""

import contextlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from baitie.bootstrap.civil_time import civil_now_of
from baitie.bootstrap.filings import filing_plan
from baitie.bootstrap.stores import open_store, store_exists
from baitie.files import campaign_folder
from baitie.files.campaign_folder import CampaignFolder, FolderOutside
from baitie.files.campaign_settings import CampaignSettings
from baitie.files.organisation_settings import OrganisationSettings


def read_folder(path: Path, environ: Mapping[str, str]) -> CampaignFolder:
    """Read a campaign folder, or its campaign.toml. Raises `SettingsError` with every problem found."""
    return campaign_folder.read_folder(path, environ, FolderOutside(filing_plan, _civil_now))


def read_folder_and_list(path: Path, environ: Mapping[str, str]) -> CampaignFolder:
    """As `read_folder`; where the folder cannot be used, with what is wrong with its contact list besides."""
    return campaign_folder.read_folder_and_list(path, environ, FolderOutside(filing_plan, _civil_now))


def _civil_now(organisation: OrganisationSettings, settings: CampaignSettings) -> datetime:
    """The time at which a card's filing must hold: that of the run, which on the loopback carrier is simulated."""
    if organisation.carrier.kind != "loopback" or not store_exists(organisation):
        return civil_now_of(organisation, None, settings.loopback)
    with contextlib.closing(open_store(organisation)) as store:
        return civil_now_of(organisation, store, settings.loopback)
