"""`baitie rehearse --beside`: campaigns that run at the same time and may share agents, each with its forecast."""

from collections.abc import Sequence
from pathlib import Path

from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.forecast_words import ForecastWords
from baitie.bootstrap.forecasting import forecast_beside
from baitie.bootstrap.rehearsing import read_scenario
from baitie.cli.rehearse_progress import days_progress
from baitie.cli.shared import ExitCode, Shell, table
from baitie.files.campaign_folder import CampaignFolder
from baitie.files.organisation_settings import zone_of
from baitie.rehearsal.crowd import with_leads
from baitie.rehearsal.scenario import Scenario


def rehearse_beside(
    shell: Shell,
    folder: CampaignFolder,
    scenario: Scenario,
    beside: Sequence[Path],
    seeds: Sequence[int],
    leads: int | None,
) -> int:
    """Rehearse them together, and show one column for each. The day begins as the first campaign's does."""
    folders = [folder, *(read_folder(path, shell.environ) for path in beside)]
    others = [read_scenario(each, scenario.civil_start) for each in folders[1:]]
    if leads is not None:
        others = [with_leads(each, leads) for each in others]
    words = ForecastWords(shell.lang, zone_of(folder.organisation.settings))
    with days_progress(shell, words.text("working"), len(seeds)) as on_day:
        found = forecast_beside([scenario, *others], seeds, words.zone, on_day)
    shell.line(words.title_beside(found))
    shell.line(table([("", *(each.name for each in found)), *words.rows(found)]))
    shell.line()
    shell.line(words.note(found[0]))
    ids = [each.campaign.campaign_id for each in folders]
    shell.give({"campaigns": ids, "forecasts": [each.to_json() for each in found]})
    return ExitCode.OK
