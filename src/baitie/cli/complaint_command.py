"""`baitie complaint`: tickets with a due date, until they are closed."""

from pathlib import Path

import click

from baitie.cli.desk import actor_option, add_common_commands, campaign_option, open_desk, said, texts_of
from baitie.cli.groups import TaughtGroup
from baitie.cli.shared import ExitCode, Shell, common, option


@click.group("complaint", cls=TaughtGroup)
@common
def command(shell: Shell) -> None:
    """Complaints."""


add_common_commands(command, "complaint", ("complaint", "number", "source", "received_at", "due_on", "state"))


@command.subcommand("add")
@click.argument("number")
@option(
    "--source",
    type=click.Choice(["12321", "carrier", "page", "in_call", "agent", "enterprise"]),
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

    with open_desk(shell, campaign, actor) as desk:
        reading = desk.reading(number)
        complaint = desk.complain(
            reading, ComplaintSource(source), campaign_id=about, attempt_id=attempt, presented=presented
        )
    due_on = complaint.due_on.isoformat()
    said(
        shell,
        "complained",
        number=reading.number.masked(),
        complaint=complaint.complaint_id,
        due_on=due_on,
        rule=complaint.due_rule,
    )
    shell.give({"complaint": complaint.complaint_id, "due_on": due_on, "due_rule": complaint.due_rule})
    return ExitCode.OK


@command.subcommand("close")
@click.argument("complaint")
@option("--resolution", required=True, help="option.complaint-resolution")
@campaign_option
@actor_option
@common
def close(shell: Shell, complaint: str, resolution: str, campaign: Path, actor: str | None) -> int:
    """Close a ticket."""
    with open_desk(shell, campaign, actor) as desk:
        closed = desk.close_complaint(complaint, resolution)
    said(shell, "closed", complaint=closed.complaint_id, actor=closed.closed_by)
    shell.give({"complaint": closed.complaint_id, "closed_by": closed.closed_by, "resolution": closed.resolution})
    return ExitCode.OK


@command.subcommand("show")
@click.argument("complaint")
@campaign_option
@common
def show(shell: Shell, complaint: str, campaign: Path) -> int:
    """Everything about one ticket."""
    with open_desk(shell, campaign) as desk:
        body = desk.complaint(complaint).to_json()
    texts = texts_of(shell)
    for key, value in body.items():
        if value not in (None, ""):
            shell.line(f"  {texts.text_or(f'field.{key}', key)}: {value}")
    shell.give(body)
    return ExitCode.OK
