"""`baitie check`: reads everything, dials nothing."""

from pathlib import Path
from typing import Any

import click

from baitie.cli.shared import ExitCode, Shell, TaughtCommand, campaign_argument, common, option, show_sheet, table

ROWS_SHOWN_MAX = 20
"""Rejected rows on the screen; `--rows` shows them all."""


@click.command("check", cls=TaughtCommand)
@campaign_argument
@option("--rows", is_flag=True, help="option.rows")
@common
def command(shell: Shell, campaign: Path, rows: bool) -> int:
    """Check a campaign folder."""
    from baitie.bootstrap.checking import check_campaign
    from baitie.bootstrap.folders import read_folder_and_list
    from baitie.files.organisation_settings import zone_of
    from baitie.files.rule_files import verdict_texts

    folder = read_folder_and_list(campaign, shell.environ)
    result = check_campaign(folder, shell.lang)
    zone = zone_of(folder.organisation.settings)
    rejected, accepted = result.contacts.result.rejected, result.contacts.result.accepted
    plan = folder.campaign
    purpose = verdict_texts(shell.lang).word("purpose", plan.purpose.value)
    shell.say("check.campaign", name=plan.name, id=plan.campaign_id, purpose=purpose)
    if folder.organisation.settings.carrier.kind == "loopback":
        shell.say("check.carrier-simulated")
    else:
        shell.say("check.carrier", carrier=shell.texts.text("check.word.trunks"), trunk=plan.trunk.name)
    shell.say("check.script", nodes=len(plan.script.nodes), prompts=len(folder.prompts))
    if plan.card is not None:
        _show_card(shell, result, plan.card, None if rows else ROWS_SHOWN_MAX)
        _show_channels(shell, folder, result)
        _show_page(shell, folder)
    shell.say(
        "check.contacts",
        rows=len(result.contacts.table.rows),
        accepted=len(accepted),
        merged=len(result.contacts.result.merged),
        rejected=len(rejected),
    )
    show_sheet(shell, result.contacts.table)
    _show_rejected(shell, rejected, None if rows else ROWS_SHOWN_MAX)
    _show_merged(shell, result.contacts.result, None if rows else ROWS_SHOWN_MAX)
    _show_leads(shell, result)
    shell.say(
        "check.gate",
        at=f"{result.civil_now.astimezone(zone):%Y-%m-%d %H:%M}",
        zone=verdict_texts(shell.lang).word("zone", str(zone)),
        allowed=result.allowed,
        all=len(accepted) - result.closed - result.strangers,
    )
    for rule in result.rules:
        sentence = rule.sentence or shell.texts.text("check.others")
        shell.line(f"  {rule.count:>5}  {shell.texts.text(f'check.{rule.says}')}  {rule.rule_id}: {sentence}")
        shell.line(
            f"         {rule.source}  ({', '.join(rule.examples)}{' …' if rule.count > len(rule.examples) else ''})"
        )
    if result.without_rules:
        shell.say(
            "check.regions-without-rules",
            count=result.without_rules.total(),
            regions=", ".join(f"{region} {count}" for region, count in result.without_rules.most_common()),
        )
    if result.packs_left_out:
        shell.say("packs.left-out", packs=", ".join(result.packs_left_out))
    for problem in result.unfiled:
        shell.say("check.number-unfiled", text=problem.text(shell.lang))
    if result.trades:
        shell.say("check.trade-unrestricted", trade=plan.trade, trades=", ".join(result.trades))
    has_problems = bool(rejected or result.card_refusals or result.forbidden or not result.has_anybody)
    if result.forbidden:
        shell.say("check.forbidden")
        for problem in result.forbidden:
            shell.line(f"  {problem.text(shell.lang)}")
    shell.say(f"check.{_conclusion(result, has_problems=has_problems)}", campaign=campaign)
    shell.give(_body(shell, folder, result))
    return ExitCode.PROBLEMS if has_problems else ExitCode.OK


def _word(shell: Shell, code: str) -> str:
    return shell.texts.text_or(f"check.word.{code}", code)


def _conclusion(result: Any, *, has_problems: bool) -> str:
    """What it comes to, and what to do next."""
    if result.forbidden:
        return "forbidden-end"
    if result.is_over:
        return "over"
    if not result.has_anybody:
        return "nobody"
    if not result.allowed:
        return "fit-later" if result.later > result.asked_again else "fit-asked-again"
    return "fit-with-problems" if has_problems else "fit"


def _show_leads(shell: Shell, result: Any) -> None:
    """Where the campaign has run before: whom it will not call, whatever the gate says."""
    if result.closed:
        shell.say("check.closed", closed=result.closed)
    if result.strangers:
        shell.say("check.strangers", strangers=result.strangers)


def _channels_of(folder: Any) -> list[str]:
    card = folder.campaign.card
    return [] if card is None else [route.name for route in card.routes]


def _show_channels(shell: Shell, folder: Any, result: Any) -> None:
    """The ways that cards take, in their order, and what of a vendor only real calls will need."""
    organisation = folder.organisation.settings
    channels = _channels_of(folder)
    vendors = {name: organisation.vendors[name].url for name in channels if name in organisation.vendors}
    ways = [f"{name} ({vendors[name]})" if name in vendors else _word(shell, name) for name in channels]
    shell.say("check.channels", channels=" → ".join(ways))
    if vendors and organisation.carrier.kind == "loopback":
        shell.say("check.vendors-simulated")
    for problem in result.vendor_files:
        shell.line(f"           {problem.text(shell.lang)}")


def _show_page(shell: Shell, folder: Any) -> None:
    """What the callee's page lacks, where the card leads to it."""
    if folder.campaign.card.has_code and folder.organisation.settings.page.hotline is None:
        shell.say("check.hotline-missing")


def _show_card(shell: Shell, result: Any, plan: Any, rows_shown_max: int | None) -> None:
    from baitie.files.card_readiness import refusal_text

    example = result.card_example
    if example is not None:
        shell.say(
            "check.card", text=plan.template.text, units=example.units, encoding=_word(shell, example.encoding.value)
        )
    if result.no_card_rows:
        rows = _rows_shown(result.no_card_rows, rows_shown_max)
        shell.say("check.card-not-received", count=len(result.no_card_rows), rows=rows)
    for (code, slot), count in result.card_refusals.items():
        said = refusal_text(code, result.card_refusal_values[code, slot], shell.lang)
        shell.say("check.card-refusal", count=count, slot=slot or "-", text=said)
        shell.say("check.card-refusal-rows", rows=_rows_shown(result.card_refusal_rows[code, slot], rows_shown_max))


def _rows_shown(rows: list[int], shown_max: int | None) -> str:
    more = " …" if len(rows) > len(rows[:shown_max]) else ""
    return ", ".join(map(str, rows[:shown_max])) + more


def _show_rejected(shell: Shell, rejected: Any, shown_max: int | None) -> None:
    from baitie.locale.catalogue import catalogue

    texts = catalogue("contacts", shell.lang)
    lines = [
        (
            shell.texts.text("check.row", row=bad.row),
            bad.field,
            bad.value or "—",
            texts.text(f"reject.{bad.reason.value}.text"),
            texts.text(f"reject.{bad.reason.value}.remedy"),
        )
        for bad in rejected[:shown_max]
    ]
    if lines:
        shell.line(table(lines))
    if shown_max is not None and len(rejected) > shown_max:
        shell.say("check.more", more=len(rejected) - shown_max)


def _show_merged(shell: Shell, contacts: Any, shown_max: int | None) -> None:
    """Rows that went into an earlier one, each with it; and cells of which only the first number is called."""
    merged = [
        shell.texts.text("check.merged-into", row=one.row, into=one.into_row, number=one.number.masked())
        + (shell.texts.text("check.merged-kept", fields=", ".join(one.kept)) if one.kept else "")
        for one in contacts.merged
    ]
    partly = [
        shell.texts.text("check.also-in-cell", row=c.row, number=c.number.masked(), others=", ".join(c.also_in_cell))
        for c in contacts.accepted
        if c.also_in_cell
    ]
    wishes = [
        shell.texts.text("check.hours-wish", row=c.row, number=c.number.masked(), wish=c.hours_wish)
        for c in contacts.accepted
        if c.hours_wish
    ]
    if wishes:
        wishes.append(shell.texts.text("check.hours-wish-remedy"))
    for lines in (merged, partly, wishes):
        for line in lines[:shown_max]:
            shell.line(line)
        if shown_max is not None and len(lines) > shown_max:
            shell.say("check.more", more=len(lines) - shown_max)


def _body(shell: Shell, folder: Any, result: Any) -> dict[str, Any]:
    contacts = result.contacts.result
    return {
        "campaign": folder.campaign.campaign_id,
        "civil_now": result.civil_now.isoformat(),
        "rows": len(result.contacts.table.rows),
        "sheet": result.contacts.table.sheet,
        "sheets_hidden": list(result.contacts.table.sheets_passed),
        "rows_above": list(result.contacts.table.rows_above),
        "rows_hidden": len(result.contacts.table.rows_hidden),
        "accepted": len(contacts.accepted),
        "merged": len(contacts.merged),
        "merged_rows": [{"row": one.row, "into_row": one.into_row, "kept": one.kept} for one in contacts.merged],
        "also_in_cell": [{"row": c.row, "others": c.also_in_cell} for c in contacts.accepted if c.also_in_cell],
        "hours_wishes": [{"row": c.row, "wish": c.hours_wish} for c in contacts.accepted if c.hours_wish],
        "rejected": [
            {"row": bad.row, "field": bad.field, "reason": bad.reason.value, "value": bad.value}
            for bad in contacts.rejected
        ],
        "allowed": result.allowed,
        "later": result.later,
        "asked_again": result.asked_again,
        "closed": result.closed,
        "strangers": result.strangers,
        "regions_without_rules": dict(result.without_rules),
        "channels": _channels_of(folder),
        "vendor_files": [problem.to_json(shell.lang) for problem in result.vendor_files],
        "numbers_unfiled": [problem.to_json(shell.lang) for problem in result.unfiled],
        "trades_restricted": list(result.trades),
        "packs_left_out": list(result.packs_left_out),
        "rules": [
            {
                "rule": rule.rule_id,
                "says": rule.says,
                "count": rule.count,
                "sentence": rule.sentence,
                "source": rule.source,
                "examples": rule.examples,
            }
            for rule in result.rules
        ],
        "forbidden": [problem.to_json(shell.lang) for problem in result.forbidden],
        "card_refusals": [
            {"code": code, "slot": slot, "count": count, "rows": result.card_refusal_rows[code, slot]}
            for (code, slot), count in result.card_refusals.items()
        ],
    }
