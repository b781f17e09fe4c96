"""`baitie review`: suspects of invalid customers, found in transcripts, confirmed or dismissed by a person."""

from pathlib import Path

import click

from baitie.cli.groups import TaughtGroup
from baitie.cli.register_shell import actor_option, campaign_option, registers_of, said, show_rows, texts_of, write_rows
from baitie.cli.register_words import clock, worded
from baitie.cli.shared import ExitCode, Shell, common, option

_LISTED = ("suspect", "number", "class", "quote", "found_at", "state")
_STATES = click.Choice(["open", "confirmed", "dismissed"])


@click.group("review", cls=TaughtGroup)
@common
def command(shell: Shell) -> None:
    """The review queue."""


@command.subcommand("list")
@option("--state", type=_STATES, help="option.review-state")
@campaign_option
@common
def list_(shell: Shell, state: str | None, campaign: Path) -> int:
    """List the queue."""
    from baitie.domain.review import SuspectState
    from baitie.files.review_rows import rows_of_review

    with registers_of(shell, campaign) as registers:
        rows = rows_of_review(registers, None if state is None else SuspectState(state))
    show_rows(shell, "review", rows, _LISTED)
    return ExitCode.OK


@command.subcommand("add")
@click.argument("number", required=False)
@option("--file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="option.review-file")
@option("--class", "keyword_class", help="option.review-class")
@option("--quote", default="", help="option.review-quote")
@option("--attempt", help="option.review-attempt")
@campaign_option
@actor_option
@common
def add(
    shell: Shell,
    number: str | None,
    file: Path | None,
    keyword_class: str | None,
    quote: str,
    attempt: str | None,
    campaign: Path,
    actor: str | None,
) -> int:
    """Read transcripts, or enter one suspect by hand."""
    if (file is None) == (number is None):
        raise click.UsageError(texts_of(shell).text("review-one-of-two"))
    if file is not None:
        return _add_file(shell, file, campaign, actor)
    if keyword_class is None:
        raise click.MissingParameter(param_hint="--class", param_type="option")
    assert number is not None
    with registers_of(shell, campaign, actor) as registers:
        reading = registers.reading(number)
        suspect = registers.reviews.add(reading, keyword_class, quote, attempt)
    said(shell, "suspected", number=reading.number.masked(), suspect=suspect.suspect_id)
    shell.give({"suspect": suspect.suspect_id, "number": reading.number.masked()})
    return ExitCode.OK


def _add_file(shell: Shell, file: Path, campaign: Path, actor: str | None) -> int:
    from baitie.files.register_tables import write_rejected
    from baitie.files.transcript_files import import_transcripts

    rejected_file = file.with_name(f"{file.stem}.rejected.csv")
    with registers_of(shell, campaign, actor) as registers:
        done = import_transcripts(registers, file)
    write_rejected(done.lines, rejected_file, texts_of(shell))
    said(shell, "transcripts", transcripts=done.transcripts, suspects=len(done.suspects), optouts=done.optouts)
    if done.lines.rejected:
        said(shell, "rejected-file", file=rejected_file.name)
    shell.give(
        {
            "transcripts": done.transcripts,
            "suspects": [{"suspect": s.suspect_id, "class": s.keyword_class} for s in done.suspects],
            "optouts": done.optouts,
            "rejected": [{"row": r.row, "column": r.column, "reason": r.reason} for r in done.lines.rejected],
        }
    )
    return ExitCode.PROBLEMS if done.lines.rejected else ExitCode.OK


@command.subcommand("show")
@click.argument("suspect")
@campaign_option
@common
def show(shell: Shell, suspect: str, campaign: Path) -> int:
    """Everything about one suspect."""
    from baitie.files.review_rows import COLUMNS, rows_of_review
    from baitie.kernel.phone import PhoneNumber

    with registers_of(shell, campaign) as registers:
        found = registers.reviews.find(suspect)
        row = next(row for row in rows_of_review(registers) if row["suspect"] == found.suspect_id)
    row["number"] = PhoneNumber(row["number"]).masked()
    texts = texts_of(shell)
    for column in COLUMNS:
        if row[column]:
            shell.line(
                texts.text("pair", label=texts.text(f"column.{column}"), value=worded(texts, column, row[column]))
            )
    shell.give(row)
    return ExitCode.OK


@command.subcommand("confirm")
@click.argument("suspect")
@option("--reason", default="", help="option.review-reason")
@option("--days", type=click.IntRange(1, 3660), help="option.review-days")
@campaign_option
@actor_option
@common
def confirm(shell: Shell, suspect: str, reason: str, days: int | None, campaign: Path, actor: str | None) -> int:
    """Confirm, which freezes."""
    return _decide(shell, suspect, "confirmed", reason, days, campaign, actor)


@command.subcommand("dismiss")
@click.argument("suspect")
@option("--reason", required=True, help="option.review-reason")
@campaign_option
@actor_option
@common
def dismiss(shell: Shell, suspect: str, reason: str, campaign: Path, actor: str | None) -> int:
    """Dismiss."""
    return _decide(shell, suspect, "dismissed", reason, None, campaign, actor)


def _decide(
    shell: Shell, suspect: str, state: str, reason: str, days: int | None, campaign: Path, actor: str | None
) -> int:
    from baitie.domain.review import SuspectState

    with registers_of(shell, campaign, actor) as registers:
        decided, objection = registers.reviews.decide(suspect, SuspectState(state), reason, days)
        frozen_until = None if decided.frozen_until is None else clock(registers, decided.frozen_until)
    if objection is not None:
        shell.line(texts_of(shell).text(f"review-objection.{objection.value}"))
    elif frozen_until is not None:
        said(shell, "suspect-confirmed", suspect=decided.suspect_id, until=frozen_until)
    else:
        said(shell, "suspect-dismissed", suspect=decided.suspect_id)
    until = None if decided.frozen_until is None else decided.frozen_until.isoformat()
    code = None if objection is None else objection.value
    shell.give({"suspect": decided.suspect_id, "state": decided.state.value, "frozen_until": until, "objection": code})
    return ExitCode.OK if objection is None else ExitCode.PROBLEMS


@command.subcommand("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@campaign_option
@common
def export(shell: Shell, file: Path, campaign: Path) -> int:
    """Write the queue to a file."""
    from baitie.files.review_rows import COLUMNS, rows_of_review

    with registers_of(shell, campaign) as registers:
        rows = rows_of_review(registers)
    return write_rows(shell, file, rows, COLUMNS)
