"""`baitie audit`: proves the journal, hands a piece of it to others, and tells the whole story of one call."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from baitie.cli.civil_times import CivilTime, on_clock
from baitie.cli.groups import TaughtGroup
from baitie.cli.shared import ExitCode, Shell, common, option
from baitie.kernel.foreign_text import shown

if TYPE_CHECKING:
    from datetime import datetime

    from baitie.domain.audit import AuditVerdict, BundleHeader
    from baitie.files.organisation_settings import OrganisationSettings
    from baitie.locale.catalogue import Catalogue


RUNS_SHOWN_MAX = 10
CLOCKS_APART = timedelta(minutes=5)
"""Civil times of entries that are so much later than their signature are those of another clock."""

STRANGERS_SHOWN_MAX = 50


class Anchor(click.ParamType[tuple[int, str]]):
    """A place in the journal and its hash, as noted outside: SEQ:HASH."""

    name = "anchor"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, str]:
        seq, _, noted = str(value).partition(":")
        if not seq.isascii() or not seq.isdigit() or len(noted) != 64:
            self.fail(f"{value!r}: SEQ:HASH", param, ctx)
        return int(seq), noted.lower()


@click.group("audit", cls=TaughtGroup)
@common
def command(shell: Shell) -> None:
    """Prove the journal."""


_campaign = option("--campaign", type=click.Path(path_type=Path), default=".", help="option.campaign")


def _settings(shell: Shell, campaign: Path) -> "OrganisationSettings":
    from baitie.files.settings_files import find_organisation_file, load_organisation

    folder = campaign if campaign.is_dir() else campaign.parent
    return load_organisation(find_organisation_file(folder, shell.environ), shell.environ).settings


@command.subcommand("verify")
@click.argument("bundle", type=click.Path(path_type=Path), metavar="[BUNDLE]", required=False)
@option("--store", type=click.Path(path_type=Path), metavar="CAMPAIGN", help="option.audit-store")
@option("--key", "keys", multiple=True, metavar="HEX", help="option.audit-key")
@option("--anchor", "anchors", multiple=True, type=Anchor(), metavar="SEQ:HASH", help="option.audit-anchor")
@common
def verify(
    shell: Shell, bundle: Path | None, store: Path | None, keys: tuple[str, ...], anchors: tuple[tuple[int, str], ...]
) -> int:
    """Check a bundle or a store."""
    from baitie.bootstrap.evidence import verify_bundle, verify_store

    if bundle is not None and store is not None:
        raise click.UsageError(shell.texts.text("audit.one-of-two"))
    pinned = [key.strip().lower() for key in keys]
    noted = dict(anchors)
    header = None
    if bundle is not None:
        header, verdict = verify_bundle(bundle, pinned, noted)
    else:
        verdict = verify_store(_settings(shell, store or Path()), pinned, noted)
    _show_verdict(shell, header, verdict)
    about = {} if header is None else {"organisation": header.organisation}
    shell.give({**about, **verdict.to_json()})
    return ExitCode.OK if verdict.is_whole else ExitCode.PROBLEMS


def _show_verdict(shell: Shell, header: "BundleHeader | None", verdict: "AuditVerdict") -> None:
    from baitie.locale.catalogue import catalogue

    texts = catalogue("audit", shell.lang)
    # What it comes to stands first: nothing that a bundle says can stand before it, or push it out of sight.
    shell.line(texts.text("verify.whole" if verdict.is_whole else "verify.broken"))
    _show_findings(shell, texts, verdict)
    if header is not None:
        made_at = _shown(header.made_at)
        shell.line(texts.text("verify.bundle", organisation=shown(str(header.organisation)), made_at=made_at))
    shell.line(
        texts.text(
            "verify.checked",
            entries=verdict.entries,
            first_seq=verdict.first_seq,
            last_seq=verdict.last_seq,
            checkpoints=verdict.checkpoints,
        )
    )
    if verdict.sealed_at is not None:
        shell.line(texts.text("verify.sealed", seq=verdict.sealed_until_seq, at=_shown(verdict.sealed_at)))
        newest = verdict.remarks.newest_at
        if newest is not None and _is_on_another_clock(newest, verdict):
            shell.line(texts.text("verify.two-clocks", newest=shown(str(newest)), at=verdict.sealed_at.isoformat()))
    if verdict.unsealed:
        shell.line(texts.text("verify.unsealed", unsealed=verdict.unsealed))
    if verdict.key_ids:
        key = "verify.keys-pinned" if verdict.is_pinned else "verify.keys-own"
        shell.line(texts.text(key, keys=", ".join(verdict.key_ids)))
    _show_remarks(shell, texts, verdict)


def _is_on_another_clock(newest: str, verdict: "AuditVerdict") -> bool:
    """Whether entries bear a civil time that the signing's clock had not come to: simulated days do."""
    from datetime import datetime

    try:
        at = datetime.fromisoformat(newest)
        return verdict.sealed_at is not None and at - verdict.sealed_at > CLOCKS_APART
    except (ValueError, TypeError, OverflowError):
        return False


def _show_findings(shell: Shell, texts: "Catalogue", verdict: "AuditVerdict") -> None:
    for finding in verdict.findings:
        place = ", ".join(
            texts.text(f"place.{name}", value=value)
            for name, value in (("seq", finding.seq), ("checkpoint", finding.checkpoint), ("key_id", finding.key_id))
            if value is not None
        )
        said = texts.text(f"fault.{finding.fault.value}")
        more = ", ".join(f"{name}={shown(str(value))}" for name, value in finding.values.items())
        shell.line(f"  ✗ {place}: {said}" + (f" ({more})" if more else ""))
    if verdict.findings_more:
        shell.line(texts.text("verify.more", count=verdict.findings_more))


def _show_remarks(shell: Shell, texts: "Catalogue", verdict: "AuditVerdict") -> None:
    """On which carriers and clocks the days ran, and where a clock was set back."""
    remarks = verdict.remarks
    if remarks.carriers:
        calls = ", ".join(
            texts.text("verify.calls", carrier=texts.text_or(f"carrier.{name}", shown(str(name))), count=count)
            for name, count in sorted(remarks.carriers.items())
        )
        shell.line(texts.text("verify.carriers", calls=calls))
    for run in remarks.runs[:RUNS_SHOWN_MAX]:
        clock = run["clock"] if isinstance(run["clock"], dict) else {}
        shell.line(
            texts.text(
                f"verify.run-{'simulated' if clock.get('kind') == 'simulated' else 'on'}",
                seq=run["seq"],
                campaign=shown(str(run["campaign_id"])),
                carrier=texts.text_or(f"carrier.{run['carrier']}", shown(str(run["carrier"]))),
                civil_start=shown(str(clock.get("civil_start", "–"))),
                speed=clock.get("speed", "–"),
                real_start=shown(str(clock.get("real_start", "–"))),
            )
        )
    more = remarks.runs_more + len(remarks.runs[RUNS_SHOWN_MAX:])
    if more:
        shell.line(texts.text("verify.runs-more", count=more))
    for place in remarks.clock_back:
        shell.line(texts.text("verify.clock-back", seq=place["seq"], seconds=place["back_s"]))
    if remarks.clock_back_more:
        shell.line(texts.text("verify.more", count=remarks.clock_back_more))


@command.subcommand("export")
@click.argument("bundle", type=click.Path(path_type=Path), metavar="BUNDLE")
@_campaign
@option("--from", "time_from", type=CivilTime(), help="option.audit-from")
@option("--until", "time_until", type=CivilTime(), help="option.audit-until")
@option("--with-verifier", is_flag=True, help="option.audit-with-verifier")
@common
def export(
    shell: Shell,
    bundle: Path,
    campaign: Path,
    time_from: "datetime | None",
    time_until: "datetime | None",
    with_verifier: bool,
) -> int:
    """Write a bundle."""
    from baitie.bootstrap.environment import real_now
    from baitie.bootstrap.evidence import export_bundle
    from baitie.files.organisation_settings import zone_of

    settings = _settings(shell, campaign)
    zone = zone_of(settings)
    done = export_bundle(
        settings,
        bundle,
        real_now(),
        time_from=None if time_from is None else on_clock(time_from, zone),
        time_until=None if time_until is None else on_clock(time_until, zone),
        with_verifier=with_verifier,
    )
    header = done.header
    shell.say(
        "audit.exported",
        bundle=bundle,
        first_seq=header.first_seq,
        last_seq=header.last_seq,
        checkpoints=header.checkpoints,
        octets=done.octets,
    )
    if done.verifier is not None:
        shell.say("audit.exported-verifier", verifier=done.verifier, bundle=bundle)
    shell.give(
        {
            "bundle": str(bundle),
            "verifier": None if done.verifier is None else str(done.verifier),
            "octets": done.octets,
            "first_seq": header.first_seq,
            "last_seq": header.last_seq,
            "checkpoints": header.checkpoints,
            "keys": [key.public_key for key in header.keys],
        }
    )
    return ExitCode.OK


@command.subcommand("trace")
@click.argument("attempt")
@_campaign
@common
def trace(shell: Shell, attempt: str, campaign: Path) -> int:
    """Tell the story of one call."""
    from baitie.bootstrap.evidence import trace as story_of
    from baitie.bootstrap.trace_words import TraceTexts

    story = story_of(_settings(shell, campaign), attempt, campaign, shell.environ)
    texts = TraceTexts(shell.lang, story.zone)
    record = story.attempt
    callee = story.callee or texts.text("forgotten")
    shell.line(texts.text("about", attempt=record.attempt_id, campaign=record.campaign_id, callee=callee))
    shell.line()
    for step in story.steps:
        first, *others = texts.lines(step)
        shell.line(f"  {'' if step.seq is None else step.seq:>8}  {texts.clock(step.at):<18}  {first}")
        for line in others:
            shell.line(f"{' ' * 32}{line}")
    steps = [
        {
            "seq": step.seq,
            "at": None if step.at is None else step.at.isoformat(),
            "kind": step.kind,
            "text": texts.lines(step),
            "facts": dict(step.facts),
            "from_table": list(step.from_table),
        }
        for step in story.steps
    ]
    about = {"attempt_id": record.attempt_id, "campaign_id": record.campaign_id, "lead_id": record.lead_id}
    shell.give({**about, "callee": story.callee, "trunk": record.trunk, "steps": steps})
    return ExitCode.OK


@command.subcommand("key")
@_campaign
@common
def key(shell: Shell, campaign: Path) -> int:
    """Print the public keys."""
    from baitie.bootstrap.environment import real_now
    from baitie.bootstrap.evidence import signing_keys
    from baitie.bootstrap.signing_files import key_file_of

    settings = _settings(shell, campaign)
    keys = signing_keys(settings, real_now())
    shell.line(keys[-1].public_key)
    shell.say("audit.key", key_id=keys[-1].key_id, file=key_file_of(settings).path.name, older=len(keys) - 1)
    shell.give({"public_key": keys[-1].public_key, "key_id": keys[-1].key_id, "keys": [k.to_json() for k in keys]})
    return ExitCode.OK


@command.subcommand("checkpoint")
@_campaign
@common
def checkpoint(shell: Shell, campaign: Path) -> int:
    """Sign by hand."""
    from baitie.bootstrap.environment import real_now
    from baitie.bootstrap.evidence import last_checkpoint, make_checkpoint

    settings = _settings(shell, campaign)
    made = make_checkpoint(settings, real_now())
    last = made or last_checkpoint(settings)
    if made is None:
        shell.say("audit.nothing-to-sign")
    if last is not None:
        shell.say("audit.signed", number=last.number, seq=last.seq, hash=last.hash)
    body: dict[str, Any] | None = None if last is None else {**last.to_json(), "anchor": f"{last.seq}:{last.hash}"}
    shell.give({"checkpoint": body, "is_fresh": made is not None})
    return ExitCode.OK


@command.subcommand("rotate")
@_campaign
@option("--lost", "is_lost", is_flag=True, help="option.audit-lost")
@common
def rotate(shell: Shell, campaign: Path, is_lost: bool) -> int:
    """Begin a fresh key."""
    from baitie.bootstrap.environment import real_now
    from baitie.bootstrap.evidence import rotate_key

    made = rotate_key(_settings(shell, campaign), real_now(), is_lost=is_lost)
    shell.line(made.public_key)
    shell.say("audit.rotated-lost" if is_lost else "audit.rotated", key_id=made.key_id)
    shell.give({"key_id": made.key_id, "key": made.to_json()})
    return ExitCode.OK


@command.subcommand("restore")
@_campaign
@option("--reason", required=True, help="option.audit-reason")
@option("--actor", help="option.desk-actor")
@common
def restore(shell: Shell, campaign: Path, reason: str, actor: str | None) -> int:
    """Go on with a store that was replaced."""
    from baitie.bootstrap.civil_time import civil_now_of
    from baitie.bootstrap.environment import actor_name
    from baitie.bootstrap.evidence import restore as restored
    from baitie.bootstrap.stores import open_existing_store

    settings = _settings(shell, campaign)
    with closing(open_existing_store(settings)) as store:
        civil_now = civil_now_of(settings, store)
    done = restored(settings, civil_now, actor or actor_name(shell.environ), reason)
    shell.say("audit.restored", entered=len(done.entered))
    if done.strangers:
        entries = ", ".join(map(str, done.strangers[:STRANGERS_SHOWN_MAX]))
        shell.say("audit.restored-strangers", count=len(done.strangers), entries=entries)
    shell.give({"entered": list(done.entered), "strangers": list(done.strangers)})
    return ExitCode.PROBLEMS if done.strangers else ExitCode.OK


def _shown(at: "datetime") -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M %Z}"
