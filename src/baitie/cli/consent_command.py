"""`baitie consent`: who has agreed to what, with proof."""

from datetime import datetime
from pathlib import Path

import click

from baitie.cli.civil_times import YEARS
from baitie.cli.groups import TaughtGroup
from baitie.cli.register_shell import (
    actor_option,
    add_common_commands,
    campaign_option,
    registers_of,
    said,
    show_person,
)
from baitie.cli.shared import ExitCode, Shell, common, option

_PURPOSES = click.Choice(["acquisition", "risk_warning", "care", "collection", "information", "survey"])
_CHANNELS = click.Choice(["voice", "message"])


@click.group("consent", cls=TaughtGroup)
@common
def command(shell: Shell) -> None:
    """Consents."""


add_common_commands(
    command,
    "consent",
    ("number", "purpose", "channel", "wording", "granted_at", "withdrawn_at", "evidence", "proof_file"),
)


@command.subcommand("add")
@click.argument("number")
@option("--purpose", type=_PURPOSES, required=True, help="option.consent-purpose")
@option("--channel", type=_CHANNELS, default="voice", show_default=True, help="option.consent-channel")
@option("--wording", required=True, help="option.consent-wording")
@option("--evidence", default="", help="option.consent-evidence")
@option("--proof", help="option.consent-proof")
@option("--spoken", is_flag=True, help="option.consent-spoken")
@option("--expires-on", type=click.DateTime(["%Y-%m-%d"]), help="option.consent-expires")
@campaign_option
@actor_option
@common
def add(
    shell: Shell,
    number: str,
    purpose: str,
    channel: str,
    wording: str,
    evidence: str,
    proof: str | None,
    spoken: bool,
    expires_on: datetime | None,
    campaign: Path,
    actor: str | None,
) -> int:
    """Enter a consent."""
    from baitie.domain.consent.register import ReachChannel
    from baitie.kernel.purpose import Purpose

    if expires_on is not None and not YEARS[0] <= expires_on.year < YEARS[1]:
        raise click.BadParameter(f"{expires_on:%Y-%m-%d}: 2027-01-31", param_hint="--expires-on")
    with registers_of(shell, campaign, actor) as registers:
        reading = registers.reading(number)
        consent = registers.consents.grant(
            reading,
            Purpose(purpose),
            ReachChannel(channel),
            wording,
            evidence=evidence,
            proof_file=proof,
            is_spoken=spoken,
            expires_at=None if expires_on is None else expires_on.replace(tzinfo=registers.policy.zone),
        )
    said(shell, "granted", number=reading.number.masked(), consent=consent.consent_id)
    if not consent.has_evidence:
        said(shell, "no-evidence")
    shell.give({"consent": consent.consent_id, "number": reading.number.masked(), "has_evidence": consent.has_evidence})
    return ExitCode.OK


@command.subcommand("withdraw")
@click.argument("number")
@option("--purpose", type=_PURPOSES, help="option.consent-purpose-all")
@option("--channel", type=_CHANNELS, help="option.consent-channel-all")
@campaign_option
@actor_option
@common
def withdraw(
    shell: Shell, number: str, purpose: str | None, channel: str | None, campaign: Path, actor: str | None
) -> int:
    """End consents."""
    from baitie.domain.consent.register import ReachChannel
    from baitie.kernel.purpose import Purpose

    with registers_of(shell, campaign, actor) as registers:
        reading = registers.reading(number)
        ended = registers.consents.withdraw(
            reading,
            None if purpose is None else Purpose(purpose),
            None if channel is None else ReachChannel(channel),
        )
    said(shell, "withdrawn", number=reading.number.masked(), count=len(ended))
    shell.give({"number": reading.number.masked(), "withdrawn": [consent.consent_id for consent in ended]})
    return ExitCode.OK


@command.subcommand("show")
@click.argument("number")
@campaign_option
@common
def show(shell: Shell, number: str, campaign: Path) -> int:
    """Everything that is registered of one number."""
    with registers_of(shell, campaign) as registers:
        return show_person(
            shell, registers, registers.reading(number), ("consent", "preference", "optout", "freeze", "complaint")
        )
