"""`baitie rehearse`: tomorrow, today. The campaign in virtual time over simulated people; nothing is sent or kept."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from baitie.cli.civil_times import on_clock, read_civil_time
from baitie.cli.rehearse_progress import days_progress
from baitie.cli.shared import ExitCode, Shell, TaughtCommand, campaign_argument, common, option, table

if TYPE_CHECKING:
    from baitie.bootstrap.forecast_words import ForecastWords
    from baitie.rehearsal.forecast import Forecast

SEEDS = 50
"""Days by default: their ranges hold a further day with a chance of 92 %."""
CAPACITY_SEEDS = 20
"""Days for each capacity that `--finish-by` tries, by default."""
SEEDS_MAX = 10_000
RULES_SHOWN_MAX = 8
LEADS_MAX = 100_000
FIDELITIES = ("fast", "wire", "audio")
"""As `rehearsal.fidelity.FidelityName` has them, which is not read before it is needed."""


@click.command("rehearse", cls=TaughtCommand)
@campaign_argument
@option("--seeds", type=click.IntRange(1, SEEDS_MAX), help="option.rehearse-seeds")
@option("--seed", type=click.IntRange(0, 2**32 - 1), help="option.rehearse-seed")
@option("--start", help="option.rehearse-start")
@option("--what-if", "what_if", multiple=True, help="option.rehearse-what-if")
@option("--finish-by", metavar="TIME", help="option.rehearse-finish-by")
@option("--beside", multiple=True, type=click.Path(path_type=Path), help="option.rehearse-beside")
@option("--faults", metavar="all|none|FILE", help="option.rehearse-faults")
@option("--fidelity", type=click.Choice(FIDELITIES), default=FIDELITIES[0], help="option.rehearse-fidelity")
@option("--leads", type=click.IntRange(1, LEADS_MAX), help="option.rehearse-leads")
@option("--failing", type=click.Path(path_type=Path, file_okay=False), help="option.rehearse-failing")
@option("--repeat", type=click.Path(path_type=Path, dir_okay=False), help="option.rehearse-repeat")
@option("--html", type=click.Path(path_type=Path, dir_okay=False), help="option.rehearse-html")
@common
def command(
    shell: Shell,
    campaign: Path,
    seeds: int | None,
    seed: int | None,
    start: str | None,
    what_if: tuple[str, ...],
    finish_by: str | None,
    beside: tuple[Path, ...],
    faults: str | None,
    fidelity: str,
    leads: int | None,
    failing: Path | None,
    repeat: Path | None,
    html: Path | None,
) -> int:
    """Rehearse a campaign."""
    from baitie.bootstrap.folders import read_folder
    from baitie.bootstrap.forecast_words import ForecastWords
    from baitie.bootstrap.forecasting import forecast
    from baitie.bootstrap.rehearsing import read_scenario
    from baitie.files.organisation_settings import zone_of
    from baitie.files.what_if import WhatIf
    from baitie.rehearsal.crowd import with_leads
    from baitie.rehearsal.fidelity import FidelityName

    if fidelity != FIDELITIES[0] and (repeat is not None or beside):
        raise click.UsageError(shell.texts.text("usage.rehearse-fidelity"))
    if repeat is not None:
        from baitie.cli.rehearse_faults import repeat_day

        return repeat_day(shell, campaign, repeat)
    if faults is None and failing is not None:
        raise click.UsageError(shell.texts.text("usage.rehearse-failing"))
    if faults is not None and (what_if or html is not None):
        raise click.UsageError(shell.texts.text("usage.rehearse-faults"))
    if beside and (what_if or faults is not None or html is not None):
        raise click.UsageError(shell.texts.text("usage.rehearse-beside"))
    is_plain = seed is None and not what_if and not beside and faults is None and fidelity == FIDELITIES[0]
    if finish_by is not None and not (is_plain and html is None and repeat is None):
        raise click.UsageError(shell.texts.text("usage.rehearse-finish-by-alone"))
    named = FidelityName(fidelity)
    first = 1 if seed is None else seed
    wanted = list(range(first, first + (seeds or (SEEDS if seed is None else 1))))
    folder = read_folder(campaign, shell.environ)
    zone = zone_of(folder.organisation.settings)
    scenario = read_scenario(folder, None if start is None else on_clock(_start(shell, start), zone))
    if leads is not None:
        scenario = with_leads(scenario, leads)
    if faults is not None:
        from baitie.cli.rehearse_faults import break_days

        with days_progress(shell, ForecastWords(shell.lang, zone).text("working"), len(wanted)) as on_day:
            return break_days(shell, folder, campaign, scenario, faults, wanted, failing, named, on_day)
    if finish_by is not None:
        from baitie.cli.rehearse_capacity import rehearse_capacity

        return rehearse_capacity(shell, folder, scenario, finish_by, wanted if seeds else wanted[:CAPACITY_SEEDS])
    if beside:
        from baitie.cli.rehearse_beside import rehearse_beside

        return rehearse_beside(shell, folder, scenario, beside, wanted, leads)
    from baitie.bootstrap.wire_days import fidelity_of

    variants = [WhatIf(name) for name in what_if]
    way = fidelity_of(named, folder.prompts)
    words = ForecastWords(shell.lang, zone)
    with days_progress(shell, words.text("working"), len(wanted) * (1 + len(variants))) as on_day:
        found = forecast(scenario, wanted, variants, zone, on_day, way)
    _show(shell, words, found)
    if html is not None:
        from baitie.bootstrap.forecast_report import write_forecast

        write_forecast(html, folder, scenario.profile, found, words)
        shell.line(words.text("written", file=html))
    forecasts = [each.to_json() for each in found]
    shell.give({"campaign": folder.campaign.campaign_id, "fidelity": fidelity, "forecasts": forecasts})
    return ExitCode.OK


def _start(shell: Shell, text: str) -> datetime:
    """A civil time, on the enterprise's clock where it names no zone."""
    try:
        return read_civil_time(text)
    except ValueError:
        raise click.UsageError(shell.texts.text("usage.rehearse-start", value=text)) from None


def _show(shell: Shell, words: "ForecastWords", found: "list[Forecast]") -> None:
    first = found[0]
    shell.line(words.title(first))
    shell.line(table([("", *(words.name(each) for each in found)), *words.rows(found)]))
    for heading, rows in words.breakdowns(first, RULES_SHOWN_MAX):
        shell.line()
        shell.line(heading)
        shell.line(table(rows))
    shell.line()
    shell.line(words.note(first))
