"""`baitie.toml` and `campaign.toml`: found, read, and checked."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from baitie.files.campaign_settings import CAMPAIGN_FILE, CampaignSettings
from baitie.files.fields import DEFAULT_REGION
from baitie.files.organisation_settings import ORGANISATION_FILE, OrganisationSettings
from baitie.files.problems import SettingsError
from baitie.files.toml_files import Loaded, load, read_toml


def load_organisation(path: Path, environ: Mapping[str, str]) -> Loaded[OrganisationSettings]:
    """Read `baitie.toml` with the environment laid over. Raises `SettingsError`."""
    from baitie.files.campaign_settings import CampaignSettings

    sections = tuple(CampaignSettings.model_fields)
    return load(OrganisationSettings, path, environ, foreign_sections=sections, region_of=default_region_in)


def default_region_in(table: Mapping[str, Any]) -> str:
    """`enterprise.default_region` of the table of a `baitie.toml` that nobody has checked yet."""
    from phonenumbers import SUPPORTED_REGIONS

    enterprise = table.get("enterprise")
    region = enterprise.get("default_region") if isinstance(enterprise, Mapping) else None
    return region if isinstance(region, str) and region in SUPPORTED_REGIONS else DEFAULT_REGION


def organisation_above(campaign: Path, environ: Mapping[str, str]) -> Loaded[OrganisationSettings]:
    """The settings of the organisation to which a campaign belongs. Raises `SettingsError`."""
    folder = campaign if campaign.is_dir() else campaign.parent
    return load_organisation(find_organisation_file(folder, environ), environ)


def find_organisation_file(folder: Path, environ: Mapping[str, str]) -> Path:
    """BAITIE_FILE, or the nearest `baitie.toml` in the folder or above it; where there is none, the folder's own."""
    named = environ.get("BAITIE_FILE")
    if named:
        return Path(named)
    home = folder.resolve()
    for place in (home, *home.parents):
        if (place / ORGANISATION_FILE).is_file():
            return place / ORGANISATION_FILE
    return folder / ORGANISATION_FILE


def load_campaign(path: Path, environ: Mapping[str, str]) -> Loaded[CampaignSettings]:
    """Read `campaign.toml`, or the one in the folder `path`, with the environment laid over. Raises `SettingsError`."""
    from baitie.files.organisation_settings import OrganisationSettings

    file = path / CAMPAIGN_FILE if path.is_dir() else path

    def region_of(_: Mapping[str, Any]) -> str:
        with contextlib.suppress(SettingsError):  # told where the organisation's file itself is read
            return default_region_in(read_toml(find_organisation_file(file.parent, environ))[0])
        return DEFAULT_REGION

    sections = tuple(OrganisationSettings.model_fields)
    return load(CampaignSettings, file, environ, foreign_sections=sections, region_of=region_of)
