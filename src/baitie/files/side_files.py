"""Files that settings name beside those of the campaign: secrets, authorities, the profile of simulated people."""

from pathlib import Path

from pydantic import SecretStr

from baitie.files.campaign_settings import CampaignSettings
from baitie.files.organisation_settings import MessageCentreSettings, OrganisationSettings, TrunkSettings, secret_of
from baitie.files.problems import Problem, SettingsError
from baitie.files.profile_files import profile_file
from baitie.files.toml_files import read_toml
from baitie.kernel.errors import InputError
from baitie.rehearsal.profile import parse_profile


def trunk_file_problems(name: str, trunk: TrunkSettings, centre: MessageCentreSettings) -> list[Problem]:
    """What is wrong with the files of a trunk and of the message centre."""
    problems = [
        *_secret_problems(f"trunks.{name}.password_file", trunk.password, trunk.password_file),
        *_secret_problems("message_centre.password_file", centre.password, centre.password_file),
    ]
    for place, file in ((f"trunks.{name}", trunk.ca_file), ("message_centre", centre.ca_file)):
        if file is not None and not file.is_file():
            problems.append(Problem(file.name, f"{place}.ca_file", "file-missing", None, {"path": str(file)}))
    return problems


def vendor_file_problems(campaign: CampaignSettings, organisation: OrganisationSettings) -> list[Problem]:
    """What is wrong with the key and the callbacks' secret of each vendor that a campaign's cards go over."""
    problems: list[Problem] = []
    for name in campaign.card.channels:
        vendor = organisation.vendors.get(name)
        if vendor is not None:
            problems += _secret_problems(f"vendors.{name}.key_file", vendor.key, vendor.key_file)
            problems += _secret_problems(f"vendors.{name}.callback_secret_file", None, vendor.callback_secret_file)
    return problems


def profile_problems(file: Path | None) -> list[Problem]:
    """What is wrong with a profile of simulated people of one's own."""
    if file is None:
        return []
    file = profile_file(file)
    try:
        table, _ = read_toml(file)
        parse_profile(table, file.name)
    except SettingsError as error:
        return list(error.problems)
    except InputError as error:
        reason = error.message.removeprefix(f"{file.name}: ")
        return [Problem(file.name, "", "profile-invalid", None, {"reason": reason})]
    return []


def _secret_problems(place: str, password: SecretStr | None, file: Path | None) -> list[Problem]:
    try:
        secret_of(password, file)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        name = file.name if file is not None else ""
        return [Problem(name, place, "secret-unreadable", None, {"reason": reason})]
    return []
