"""Opens what the story of one call is put together from: store, filings, and the campaign's folder."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from baitie.app.proof.attempt_trace import Trace, TraceContext
from baitie.app.proof.attempt_trace import trace as trace_in
from baitie.bootstrap.filings import open_book
from baitie.bootstrap.stores import open_existing_store
from baitie.files.organisation_settings import OrganisationSettings, zone_of
from baitie.files.problems import SettingsError
from baitie.files.settings_files import load_campaign


def trace(settings: OrganisationSettings, part: str, folder: Path, environ: Mapping[str, str]) -> Trace:
    """The story of an attempt, found as `attempt_trace.trace` finds it, with what the campaign in `folder` says of it.

    Raises `AttemptUnknownError`, `AttemptAmbiguousError`, `NoStoreError`.
    """
    with closing(open_existing_store(settings)) as store:
        return trace_in(store, part, _context(settings, folder, environ))


def _context(settings: OrganisationSettings, folder: Path, environ: Mapping[str, str]) -> TraceContext:
    """Of the campaign only where the folder is one that can be read: the story needs little of it."""
    region, zone = settings.enterprise.default_region, zone_of(settings)
    filings = tuple(open_book(settings).read().filings.values())
    try:
        campaign = load_campaign(folder, environ).settings
    except SettingsError:
        return TraceContext(region, zone, filings)
    recordings = campaign.recording.folder
    return TraceContext(
        region, zone, filings, campaign.dialing.short_call_max_s, lambda name: (recordings / name).exists()
    )
