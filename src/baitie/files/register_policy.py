"""What the settings say of the registers."""

from collections.abc import Mapping
from pathlib import Path

from baitie.app.registers.policy import OwnNumber, RegisterPolicy
from baitie.files.number_terms import presented_number, settings_of_number
from baitie.files.organisation_settings import OrganisationSettings, zone_of
from baitie.files.rule_files import read_calendars, read_rulebook
from baitie.files.transcript_files import read_suspect_words

NO_CAMPAIGNS: Mapping[str, str] = {}


def register_policy(
    settings: OrganisationSettings, folder: Path = Path(), campaigns: Mapping[str, str] = NO_CAMPAIGNS
) -> RegisterPolicy:
    """The policy of an organisation. Files that prove something lie here or in `folder`; `campaigns` are names by id
    of those that may not have run yet."""

    def has_file(name: str) -> bool:
        return any(Path(at, name).is_file() for at in ("", folder))

    numbers = []
    for number in settings.enterprise.presented_numbers:
        own = settings_of_number(settings, number)
        numbers.append(OwnNumber(presented_number(settings, number), own.certification, own.display))
    return RegisterPolicy(
        region=settings.enterprise.default_region,
        zone=zone_of(settings),
        lifters=tuple(settings.desk.lifters),
        complaint_freeze_days=settings.desk.complaint_freeze_days,
        own_numbers=tuple(numbers),
        page_address=settings.page.address,
        code_valid_days=settings.page.code_valid_days,
        rules=lambda: read_rulebook(settings.rules),
        calendars=read_calendars,
        suspect_words=read_suspect_words,
        has_file=has_file,
        campaigns=campaigns,
    )
