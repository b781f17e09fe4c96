"""The organisation's register of filings: opened, and as campaigns hold to it."""

from baitie.adapters.filing import FilingBookFile
from baitie.app.campaign.filing_plan import FilingPlan
from baitie.files.organisation_settings import OrganisationSettings


def open_book(settings: OrganisationSettings) -> FilingBookFile:
    """The register of the organisation; its file comes into being with the first filing."""
    return FilingBookFile(settings.filing.file)


def filing_plan(settings: OrganisationSettings) -> FilingPlan | None:
    """How campaigns hold to filings; None where `filing.is_on` is false."""
    return FilingPlan(open_book(settings), settings.filing.carrier) if settings.filing.is_on else None
