"""`baitie passport`: the key that signs cards and calls, and whether a token is genuine."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from baitie.cli.groups import TaughtGroup
from baitie.cli.shared import ExitCode, Shell, common, option

if TYPE_CHECKING:
    from baitie.wire.passport import PassportVerdict


@click.group("passport", cls=TaughtGroup)
@common
def command(shell: Shell) -> None:
    """Signed cards and calls."""


_campaign = option("--campaign", type=click.Path(path_type=Path), default=".", help="option.campaign")


@command.subcommand("show")
@_campaign
@common
def show(shell: Shell, campaign: Path) -> int:
    """Print the public key."""
    from baitie.bootstrap.passports import public_key_of
    from baitie.files.settings_files import organisation_above
    from baitie.locale.catalogue import catalogue

    texts, settings = catalogue("passport", shell.lang), organisation_above(campaign, shell.environ).settings
    key = public_key_of(settings)
    shell.line(texts.text("show.key", key_id=key.key_id, name=settings.enterprise.name))
    url = settings.passport.certificate_url
    shell.line(texts.text("show.certificate", url=url) if url else texts.text("show.no-certificate"))
    shell.line(key.pem.strip())
    shell.give({"key_id": key.key_id, "public_key": key.pem, "certificate_url": url})
    return ExitCode.OK


@command.subcommand("verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@option("--key", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="option.passport-key")
@option("--from", "caller", metavar="NUMBER", help="option.passport-from")
@option("--to", "callee", metavar="NUMBER", help="option.passport-to")
@option("--text", metavar="TEXT", help="option.passport-text")
@_campaign
@common
def verify(
    shell: Shell,
    file: Path,
    key: Path | None,
    caller: str | None,
    callee: str | None,
    text: str | None,
    campaign: Path,
) -> int:
    """Check a token."""
    from baitie.bootstrap.passports import check_token, key_in_file, public_key_of
    from baitie.files.settings_files import organisation_above

    if key is not None:
        public_key = key_in_file(key)
    else:
        public_key = public_key_of(organisation_above(campaign, shell.environ).settings)
    verdict = check_token(file, public_key, caller, callee, text)
    _show(shell, verdict)
    passport = verdict.passport
    shell.give(
        {
            "is_genuine": verdict.is_genuine,
            "faults": [fault.value for fault in verdict.faults],
            "kind": None if passport is None else passport.ppt,
            "from": None if passport is None else passport.orig,
            "to": [] if passport is None else list(passport.dest),
            "at": None if passport is None else passport.iat,
            "name": None if passport is None or passport.rcd is None else passport.rcd.nam,
            "reason": None if passport is None else passport.crn,
        }
    )
    return ExitCode.OK if verdict.is_genuine else ExitCode.PROBLEMS


def _show(shell: Shell, verdict: "PassportVerdict") -> None:
    from datetime import UTC, datetime

    from baitie.locale.catalogue import catalogue

    texts, passport = catalogue("passport", shell.lang), verdict.passport
    for fault in verdict.faults:
        shell.line(texts.text(f"fault.{fault.value}"))
    if passport is not None:
        at = datetime.fromtimestamp(passport.iat, UTC).isoformat()
        name = passport.rcd.nam if passport.rcd is not None else ""
        shell.line(
            texts.text(
                "verify.says",
                kind=passport.ppt or "-",
                caller=passport.orig,
                callee=", ".join(passport.dest),
                at=at,
                name=name or "-",
                reason=passport.crn or "-",
            )
        )
    shell.line(texts.text("verify.genuine" if verdict.is_genuine else "verify.not-genuine"))
