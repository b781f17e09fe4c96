"""Whether callees can open the page to whose code their cards point."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from baitie.files.campaign_folder import CampaignFolder
from baitie.files.problems import Problem, SettingsError


def page_problems(folder: CampaignFolder) -> list[Problem]:
    """One problem where cards over a real line carry a code or link of a page that no telephone can open."""
    settings, card = folder.organisation.settings, folder.campaign.card
    if settings.carrier.kind == "loopback" or card is None or not card.has_code:
        return []
    if is_public(settings.page.address):
        return []
    return [Problem("baitie.toml", "page.address", "page-unreachable", None, {"value": settings.page.address})]


def refuse_unreachable_page(folder: CampaignFolder) -> None:
    """Raises `SettingsError` where a card would point to a page that no telephone can open."""
    problems = page_problems(folder)
    if problems:
        raise SettingsError(problems)


def is_public(address: str) -> bool:
    """Whether the host of an address is a public one, as far as its name or number tells.

    Private and loopback addresses are not, nor are names without a dot and those that are kept for local use.
    """
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_global
    except ValueError:
        labels = host.rstrip(".").split(".")
        return len(labels) > 1 and all(labels) and labels[-1] not in ("local", "localhost", "internal", "lan", "home")
