"""`baitie filing`: what is filed with carriers, who made it, who checked it, and how it stands."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from baitie.cli.civil_times import CivilTime, on_clock
from baitie.cli.groups import TaughtGroup
from baitie.cli.shared import ExitCode, Shell, common, option, table

if TYPE_CHECKING:
    from datetime import datetime

    from baitie.domain.filing import FiledSubject, Filing, FilingEvent, FilingRefusal
    from baitie.files.organisation_settings import OrganisationSettings

CHANNEL_OF_NUMBERS = "voice"
CHANNEL_OF_BRANDS = "any"


class KindAndFile(click.ParamType[tuple[str, Path]]):
    """A document: KIND=FILE."""

    name = "document"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Path]:
        kind, _, file = str(value).partition("=")
        if not kind or not file:
            self.fail(f"{value!r}: licence=licence.pdf", param, ctx)
        return kind, Path(file)


@click.group("filing", cls=TaughtGroup)
@common
def command(shell: Shell) -> None:
    """Filings with carriers."""


_campaign = option("--campaign", type=click.Path(path_type=Path), default=".", help="option.campaign")
_actor = option("--actor", metavar="NAME", help="option.filing-actor")
_carrier = option("--carrier", metavar="CARRIER", help="option.filing-carrier")


@command.subcommand("list")
@_campaign
@option("--state", metavar="STATE", help="option.filing-state")
@common
def list_(shell: Shell, campaign: Path, state: str | None) -> int:
    """List filings."""
    from baitie.bootstrap.environment import real_now
    from baitie.bootstrap.filings import open_book

    register, at = open_book(_settings(shell, campaign)).read(), real_now()
    found = [each for each in register.filings.values() if state in (None, each.state_at(at).value)]
    rows = [_row(shell, each, at) for each in found]
    if rows:
        shell.line(table(rows, indent=""))
    shell.say("filing.listed", count=len(found))
    shell.give({"filings": [_body(each, at) for each in found]})
    return ExitCode.OK


@command.subcommand("add")
@option("--card", metavar="FILE|ID", help="option.filing-card")
@option("--script", type=click.Path(path_type=Path), help="option.filing-script")
@option("--number", metavar="E164", help="option.filing-number")
@option("--brand", metavar="SIGN", help="option.filing-brand")
@option("--purpose", "purposes", multiple=True, metavar="PURPOSE", help="option.filing-purpose")
@option("--class", "number_class", metavar="CLASS", default="fixed", help="option.filing-class")
@option("--owner", metavar="NAME", help="option.filing-owner")
@option("--tier", metavar="TIER", default="none", help="option.filing-tier")
@option(
    "--document", "documents", multiple=True, type=KindAndFile(), metavar="KIND=FILE", help="option.filing-document"
)
@option("--channel", metavar="CHANNEL", help="option.filing-channel")
@_carrier
@_actor
@_campaign
@common
def add(shell: Shell, campaign: Path, actor: str | None, carrier: str | None, channel: str | None, **about: Any) -> int:
    """Make a draft."""
    from baitie.app.campaign.filing_plan import add_filing
    from baitie.bootstrap.environment import real_now
    from baitie.bootstrap.filings import open_book

    settings = _settings(shell, campaign)
    subject, own_channel = _subject(shell, settings, about)
    done = add_filing(
        open_book(settings), subject, carrier or settings.filing.carrier, channel or own_channel,
        _actor_of(shell, actor), real_now(),
    )  # fmt: skip
    return _told(shell, done)


def _subject(shell: Shell, settings: "OrganisationSettings", about: dict[str, Any]) -> "tuple[FiledSubject, str]":
    from baitie.files.filing_files import brand_subject, card_subject, number_subject, script_subject, tier_of

    given = [name for name in ("card", "script", "number", "brand") if about[name] is not None]
    if len(given) != 1:
        raise click.UsageError(shell.texts.text("filing.one-of-four"))
    match given[0]:
        case "card":
            return card_subject(about["card"], settings.enterprise.sign)
        case "script":
            return script_subject(about["script"]), CHANNEL_OF_NUMBERS
        case "brand":
            tier = tier_of(about["tier"])
            return brand_subject(settings, about["brand"], tier, about["documents"]), CHANNEL_OF_BRANDS
        case _:
            found = number_subject(settings, about["number"], about["number_class"], about["owner"], about["purposes"])
            return found, CHANNEL_OF_NUMBERS


def _act(name: str) -> Callable[[Callable[..., int]], click.Command]:
    """One of the acts upon a filing, with the options that it needs."""

    def decorate(function: Callable[..., int]) -> click.Command:
        for each in (common, _actor, _campaign, click.argument("filing_id", metavar="ID")):
            function = each(function)
        return command.subcommand(name)(function)

    return decorate


@_act("submit")
def submit(shell: Shell, filing_id: str, campaign: Path, actor: str | None) -> int:
    """Hand it to the carrier."""
    return _do(shell, "submit", filing_id, campaign, actor)


@option("--reference", metavar="REFERENCE", default="", help="option.filing-reference")
@option("--valid-until", type=CivilTime(), help="option.filing-until")
def _approve(
    shell: Shell,
    filing_id: str,
    campaign: Path,
    actor: str | None,
    reference: str,
    valid_until: "datetime | None",
) -> int:
    """Record an approval."""
    from baitie.files.organisation_settings import zone_of

    if valid_until is not None:
        valid_until = on_clock(valid_until, zone_of(_settings(shell, campaign)))
    return _do(shell, "approve", filing_id, campaign, actor, reference=reference, valid_until=valid_until)


@option("--code", metavar="CODE", default="", help="option.filing-code")
def _refuse(shell: Shell, filing_id: str, campaign: Path, actor: str | None, code: str) -> int:
    """Record a refusal."""
    return _do(shell, "refuse", filing_id, campaign, actor, refusal_code=code)


@option("--code", metavar="CODE", default="", help="option.filing-code")
def _revoke(shell: Shell, filing_id: str, campaign: Path, actor: str | None, code: str) -> int:
    """Take it out of use."""
    return _do(shell, "revoke", filing_id, campaign, actor, refusal_code=code)


approve, refuse, revoke = _act("approve")(_approve), _act("refuse")(_refuse), _act("revoke")(_revoke)


@command.subcommand("export")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.csv")
@_carrier
@option("--state", metavar="STATE", help="option.filing-state")
@_campaign
@common
def export(shell: Shell, file: Path, carrier: str | None, state: str | None, campaign: Path) -> int:
    """Write a sheet for a carrier."""
    from baitie.bootstrap.environment import real_now
    from baitie.bootstrap.filings import open_book
    from baitie.files.filing_files import write_sheet

    at = real_now()
    found = [
        each
        for each in open_book(_settings(shell, campaign)).read().filings.values()
        if carrier in (None, each.carrier) and state in (None, each.state_at(at).value)
    ]
    write_sheet(file, found, at)
    shell.say("filing.exported", count=len(found), file=file)
    shell.give({"file": str(file), "filings": len(found)})
    return ExitCode.OK


@command.subcommand("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.xlsx|FILE.csv")
@_actor
@_campaign
@common
def import_(shell: Shell, file: Path, actor: str | None, campaign: Path) -> int:
    """Record a carrier's answers from a sheet."""
    from baitie.bootstrap.environment import real_now
    from baitie.bootstrap.filings import open_book
    from baitie.domain.filing import FilingEvent
    from baitie.files.filing_files import import_answers

    rows = import_answers(open_book(_settings(shell, campaign)), file, _actor_of(shell, actor), real_now())
    refused = [row for row in rows if not isinstance(row.done, FilingEvent)]
    for row in refused:
        assert not isinstance(row.done, FilingEvent)
        shell.line(f"  {shell.texts.text('filing.row', row=row.row)}  {_said(shell, row.done)}")
    shell.say("filing.imported", count=len(rows) - len(refused), refused=len(refused))
    shell.give(
        {
            "recorded": len(rows) - len(refused),
            "refused": [
                {"row": row.row, "filing_id": row.filing_id, "code": row.done.code.value}
                for row in refused
                if not isinstance(row.done, FilingEvent)
            ],
        }
    )
    return ExitCode.PROBLEMS if refused else ExitCode.OK


def _do(shell: Shell, act: str, filing_id: str, campaign: Path, actor: str | None, **more: Any) -> int:
    from baitie.app.campaign.filing_plan import act_upon
    from baitie.bootstrap.environment import real_now
    from baitie.bootstrap.filings import open_book
    from baitie.domain.filing import FilingAct, FilingEvent

    event = FilingEvent(FilingAct(act), filing_id, _actor_of(shell, actor), real_now(), **more)
    return _told(shell, act_upon(open_book(_settings(shell, campaign)), event))


def _told(shell: Shell, done: "FilingEvent | FilingRefusal") -> int:
    from baitie.domain.filing import FilingEvent

    if not isinstance(done, FilingEvent):
        shell.line(_said(shell, done))
        shell.give({"refusal": done.code.value, **done.values})
        return ExitCode.PROBLEMS
    shell.say(f"filing.done-{done.act.value}", filing=done.filing_id)
    shell.give({"filing_id": done.filing_id, "act": done.act.value, "actor": done.actor})
    return ExitCode.OK


def _said(shell: Shell, refusal: "FilingRefusal") -> str:
    from baitie.locale.catalogue import catalogue

    return catalogue("filing", shell.lang).text(f"refusal.{refusal.code.value}", **refusal.values)


def _row(shell: Shell, filing: "Filing", at: "datetime") -> tuple[str, ...]:
    from baitie.locale.catalogue import catalogue

    names = catalogue("filing", shell.lang)
    subject = filing.subject
    version = f" {subject.version}" if subject.version else ""
    until = "" if filing.valid_until is None else f"{filing.valid_until:%Y-%m-%d}"
    return (
        filing.filing_id,
        names.text(f"state.{filing.state_at(at).value}"),
        names.text(f"kind.{subject.kind.value}"),
        f"{subject.name}{version}",
        f"{filing.carrier}/{filing.channel}",
        subject.content_hash[:12],
        filing.reference or filing.refusal_code,
        until,
    )


def _body(filing: "Filing", at: "datetime") -> dict[str, Any]:
    return {
        "filing_id": filing.filing_id,
        "state": filing.state_at(at).value,
        "kind": filing.subject.kind.value,
        "name": filing.subject.name,
        "version": filing.subject.version,
        "carrier": filing.carrier,
        "channel": filing.channel,
        "content_sha256": filing.subject.content_hash,
        "facts": dict(filing.subject.facts),
        "maker": filing.maker,
        "submitter": filing.submitter,
        "checker": filing.checker,
        "reference": filing.reference,
        "refusal_code": filing.refusal_code,
        "valid_until": None if filing.valid_until is None else filing.valid_until.isoformat(),
    }


def _settings(shell: Shell, campaign: Path) -> "OrganisationSettings":
    from baitie.files.settings_files import find_organisation_file, load_organisation

    folder = campaign if campaign.is_dir() else campaign.parent
    return load_organisation(find_organisation_file(folder, shell.environ), shell.environ).settings


def _actor_of(shell: Shell, actor: str | None) -> str:
    from baitie.bootstrap.environment import actor_name

    return actor or actor_name(shell.environ)
