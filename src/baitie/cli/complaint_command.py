"""`baitie complaint`: tickets with a due date, until they are closed."""

from pathlib import Path

import click

from baitie.cli.groups import TaughtGroup
from baitie.cli.register_shell import (
    actor_option,
    add_common_commands,
    campaign_option,
    registers_of,
    said,
    say_put_back,
    texts_of,
)
from baitie.cli.register_words import clock, worded
from baitie.cli.shared import ExitCode, Shell, common, option


@click.group("complaint", cls=TaughtGroup)
@common
def command(shell: Shell) -> None:
    """Complaints."""


COLUMNS = ("complaint", "number", "source", "received_at", "due_on", "overdue", "state")
add_common_commands(command, "complaint", COLUMNS)


@command.subcommand("add")
@click.argument("number")
@option(
    "--source",
    type=click.Choice(
        ["12321", "12315", "12345", "platform", "media", "carrier", "page", "in_call", "agent", "enterprise"]
    ),
    required=True,
    help="option.complaint-source",
)
@option("--about", help="option.complaint-campaign")
@option("--attempt", help="option.complaint-attempt")
@option("--presented", help="option.complaint-presented")
@campaign_option
@actor_option
@common
def add(
    shell: Shell,
    number: str,
    source: str,
    about: str | None,
    attempt: str | None,
    presented: str | None,
    campaign: Path,
    actor: str | None,
) -> int:
    """Open a ticket."""
    from baitie.domain.complaints import ComplaintSource

    with registers_of(shell, campaign, actor) as registers:
        reading = registers.reading(number)
        complaint = registers.complaints.open(
            reading, ComplaintSource(source), campaign_id=about, attempt_id=attempt, presented=presented
        )
        shown = registers.complaints.presented_to(reading)
    due_on = complaint.due_on.isoformat()
    said(
        shell,
        "complained",
        number=reading.number.masked(),
        complaint=complaint.complaint_id,
        due_on=due_on,
        rule=complaint.due_rule,
    )
    if complaint.presented is not None:
        said(shell, "complained-number", number=complaint.presented)
    elif shown:
        said(shell, "complained-no-number", numbers=", ".join(shown))
    else:
        said(shell, "complained-no-call")
    shell.give(
        {
            "complaint": complaint.complaint_id,
            "due_on": due_on,
            "due_rule": complaint.due_rule,
            "campaign": complaint.campaign_id,
            "attempt": complaint.attempt_id,
            "suspended": complaint.presented,
        }
    )
    return ExitCode.OK


@command.subcommand("close")
@click.argument("complaint")
@option("--resolution", required=True, help="option.complaint-resolution")
@campaign_option
@actor_option
@common
def close(shell: Shell, complaint: str, resolution: str, campaign: Path, actor: str | None) -> int:
    """Close a ticket."""
    with registers_of(shell, campaign, actor) as registers:
        closed = registers.complaints.close(complaint, resolution)
    said(shell, "closed", complaint=closed.complaint_id, actor=closed.closed_by)
    shell.give({"complaint": closed.complaint_id, "closed_by": closed.closed_by, "resolution": closed.resolution})
    return ExitCode.OK


@command.subcommand("show")
@click.argument("complaint")
@campaign_option
@common
def show(shell: Shell, complaint: str, campaign: Path) -> int:
    """Everything about one ticket."""

    with registers_of(shell, campaign) as registers:
        ticket = registers.complaints.find(complaint)
        today = registers.now.astimezone(registers.policy.zone).date()
        body = {**ticket.to_json(), "is_overdue": ticket.is_overdue_on(today)}
        numbers = {one.callee_id: one.number.masked() for one in registers.store.barred_callees()}
        times = {"received_at": clock(registers, ticket.received_at)}
        if ticket.closed_at is not None:
            times["closed_at"] = clock(registers, ticket.closed_at)
        suspensions = [one for one in registers.store.suspensions() if one.complaint_id == ticket.complaint_id]
    texts = texts_of(shell)
    shown = {"number": numbers.get(ticket.callee_id), **body, **times}
    del shown["callee_id"]
    for key, value in shown.items():
        if value not in (None, ""):
            shell.line(texts.text("pair", label=texts.text(f"field.{key}"), value=worded(texts, key, str(value))))
    for one in suspensions:
        said(shell, "number-suspended" if one.is_active else "number-lifted", number=one.number, actor=one.lifted_by)
    shell.give({**body, "suspensions": [one.to_json() for one in suspensions]})
    return ExitCode.OK


@command.subcommand("suspended")
@campaign_option
@common
def suspended(shell: Shell, campaign: Path) -> int:
    """Numbers that complaints put out of use."""
    with registers_of(shell, campaign) as registers:
        active = [one for one in registers.store.suspensions() if one.is_active]
        lines = [f"  {one.number}  {clock(registers, one.at)}  {one.complaint_id or ''}".rstrip() for one in active]
    for line in lines:
        shell.line(line)
    if not active:
        shell.line(texts_of(shell).text("empty"))
    shell.give({"suspended": [one.to_json() for one in active]})
    return ExitCode.OK


@command.subcommand("lift")
@click.argument("number")
@option("--reason", required=True, help="option.lift-reason")
@campaign_option
@actor_option
@common
def lift(shell: Shell, number: str, reason: str, campaign: Path, actor: str | None) -> int:
    """Put a suspended number into use again."""
    with registers_of(shell, campaign, actor) as registers:
        objection = registers.numbers.resume(number, reason)
    return say_put_back(shell, number, objection)
