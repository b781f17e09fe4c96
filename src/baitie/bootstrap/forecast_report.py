"""Writes a forecast as an HTML page."""

from collections.abc import Sequence
from pathlib import Path

from baitie.adapters.report.forecast_page import ForecastData, HourOfDay, Span, render_forecast
from baitie.bootstrap.environment import real_now
from baitie.bootstrap.forecast_words import ForecastWords, span
from baitie.bootstrap.report_files import write_whole
from baitie.files.campaign_folder import CampaignFolder
from baitie.kernel.errors import InputError
from baitie.rehearsal.forecast import Forecast, Range
from baitie.rehearsal.profile import Profile

TILES = ("ends_after_s", "human_answers", "human_answer_rate", "cards_late")
AGENT_TILES = ("ends_after_s", "human_answers", "occupancy", "abandonment_rate")
PICTURED = ("human_answers", "attempts", "talk_min", "cards_late", "opt_outs", "occupancy", "abandonment_rate")
ROWS_MAX = 20


class ForecastFileError(InputError):
    """The page of the forecast cannot be written there. Name another file, in a folder that exists."""

    code = "forecast-file"


def write_forecast(
    target: Path, folder: CampaignFolder, profile: Profile, found: Sequence[Forecast], words: ForecastWords
) -> None:
    """Write the page. Raises `ForecastFileError`."""
    text = render_forecast(_data(folder, profile, found, words), words.text, words.lang)
    try:
        write_whole(target, text)
    except OSError as error:
        raise ForecastFileError(file=target.name, cause=error.strerror) from error


def _data(folder: CampaignFolder, profile: Profile, found: Sequence[Forecast], words: ForecastWords) -> ForecastData:
    first, campaign = found[0], folder.campaign
    seeds = [day.seed for day in first.days]
    outcomes = [
        Span(words.outcome(name), each.median, each.low, each.high, span(each, "{:.0f}"))
        for name, each in first.ranges_by_outcome().items()
    ]
    return ForecastData(
        campaign_id=campaign.campaign_id,
        name=campaign.name,
        enterprise=campaign.enterprise,
        title=words.title(first),
        note=words.note(first),
        profile=profile.name,
        made_at=f"{real_now().astimezone(words.zone):%Y-%m-%d %H:%M}",
        seeds=f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]}–{seeds[-1]}",
        variants=[words.name(each) for each in found],
        rows=words.rows(found),
        tiles=_tiles(first, words),
        spans=[(words.label(name), _spans(name, found, words)) for name in PICTURED if name in words.measures(found)],
        hours=[HourOfDay(*hour) for hour in first.hours()],
        outcomes=outcomes,
        breakdowns=words.breakdowns(first, ROWS_MAX)[1:],
    )


def _tiles(forecast: Forecast, words: ForecastWords) -> list[tuple[str, str, str]]:
    names = AGENT_TILES if isinstance(forecast.range("occupancy"), Range) else TILES
    tiles = []
    for name in names:
        middle, _, rest = words.shown(name, forecast.range(name), forecast.civil_start).partition("  ")
        tiles.append((words.label(name), middle, rest.strip("()")))
    return tiles


def _spans(measure: str, found: Sequence[Forecast], words: ForecastWords) -> list[Span]:
    ranges = [(each, each.range(measure)) for each in found]
    return [
        Span(words.name(each), r.median, r.low, r.high, words.shown(measure, r, each.civil_start))
        for each, r in ranges
        if isinstance(r, Range)
    ]
