"""`baitie rehearse --finish-by`: how many lines or agents it takes to be through by then."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import click

from baitie.bootstrap.capacity_plan import IN_TIME_SHARE, LEFT, CapacityPlan, Tried, plan_capacity
from baitie.bootstrap.forecast_words import ForecastWords
from baitie.cli.civil_times import on_clock, read_civil_time
from baitie.cli.shared import ExitCode, Shell, put, table
from baitie.files.campaign_folder import CampaignFolder
from baitie.files.organisation_settings import zone_of
from baitie.kernel.undefined import Undefined
from baitie.rehearsal.scenario import Scenario


def rehearse_capacity(
    shell: Shell, folder: CampaignFolder, scenario: Scenario, finish_by: str, seeds: Sequence[int]
) -> int:
    """Try capacities, show each with its end, and name the fewest that suffice. Exit code 1 where none does."""
    words = ForecastWords(shell.lang, zone_of(folder.organisation.settings))
    at = _end_of(shell, finish_by, scenario, words)
    days = 0

    def on_day() -> None:
        nonlocal days
        days += 1
        if not days % len(seeds) and not shell.as_json:
            put(words.text("capacity.working", days=days), err=True)

    plan = plan_capacity(scenario, seeds, at, words.zone, on_day)
    _show(shell, words, plan)
    shell.give({"campaign": folder.campaign.campaign_id, **plan.to_json()})
    return ExitCode.OK if plan.needed is not None else ExitCode.PROBLEMS


def _end_of(shell: Shell, text: str, scenario: Scenario, words: ForecastWords) -> datetime:
    """A time of day is the first after the beginning; else a civil time on the enterprise's clock."""
    start = scenario.civil_start.astimezone(words.zone)
    try:
        if "T" in text:
            at = on_clock(read_civil_time(text), words.zone).astimezone(words.zone)
        else:
            of_day = time.fromisoformat(text)
            at = datetime.combine(start.date(), of_day, of_day.tzinfo or words.zone)
            at += timedelta(days=at <= start)
    except ValueError:
        raise click.UsageError(shell.texts.text("usage.rehearse-finish-by", value=text)) from None
    if at <= start:
        raise click.UsageError(shell.texts.text("usage.rehearse-finish-by-past", value=text, start=words.civil(start)))
    return at


def _show(shell: Shell, words: ForecastWords, plan: CapacityPlan) -> None:
    unit = "agents" if plan.has_agents else "lines"
    by, days = words.civil(plan.finish_by), len(plan.tried[0].forecast.days)
    shell.line(words.text(f"capacity.title-{unit}", leads=plan.tried[0].forecast.leads, by=by, days=days))
    shell.line(table([_heading(words, unit), *(_row(words, one) for one in plan.tried)]))
    shell.line()
    if plan.needed is not None:
        shell.line(
            words.text(
                f"capacity.needed-{unit}", count=plan.needed.count, by=by, share=f"{plan.needed.in_time_share:.0%}"
            )
        )
    else:
        shell.line(words.text(f"capacity.none-{unit}", most=plan.tried[-1].count, by=by))
        least = plan.leaves_least
        if not isinstance(least.left, Undefined) and least.left.median:
            left = words.shown(LEFT, least.left, least.forecast.civil_start)
            shell.line(words.text(f"capacity.least-{unit}", count=least.count, left=left))
    shell.line(words.text("capacity.note", share=f"{IN_TIME_SHARE:.0%}"))


def _heading(words: ForecastWords, unit: str) -> tuple[str, ...]:
    return (
        words.text(f"capacity.{unit}"),
        words.label("ends_after_s"),
        words.label(LEFT),
        words.text("capacity.in-time"),
        words.text(f"capacity.calls-each-{unit}"),
    )


def _row(words: ForecastWords, one: Tried) -> tuple[str, ...]:
    start = one.forecast.civil_start
    ends, left = words.shown("ends_after_s", one.ends, start), words.shown(LEFT, one.left, start)
    return f"{one.count}", ends, left, f"{one.in_time_share:.0%}", f"{one.calls_each():.0f}"
