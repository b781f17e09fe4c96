"""`baitie why`: why a number may or may not be called now, rule by rule, and from when."""

from datetime import datetime
from pathlib import Path

import click

from baitie.cli.civil_times import CivilTime, on_clock
from baitie.cli.shared import ExitCode, Shell, TaughtCommand, common, option


@click.command("why", cls=TaughtCommand)
@click.argument("number")
@option("--campaign", type=click.Path(path_type=Path), default=".", help="option.campaign")
@option("--at", type=CivilTime(), help="option.at")
@common
def command(shell: Shell, number: str, campaign: Path, at: datetime | None) -> int:
    """Explain a verdict."""
    from baitie.bootstrap.folders import read_folder
    from baitie.bootstrap.why import explain_number
    from baitie.files.organisation_settings import zone_of
    from baitie.files.rule_files import verdict_texts

    folder = read_folder(campaign, shell.environ)
    zone = zone_of(folder.organisation.settings)
    answer = explain_number(folder, number, None if at is None else on_clock(at, zone))
    texts = verdict_texts(shell.lang)
    explanation = answer.explanation
    shell.say(
        "why.about",
        number=answer.number.masked(),
        campaign=folder.campaign.name,
        at=f"{answer.civil_now.astimezone(zone):%Y-%m-%d %H:%M}",
        zone=texts.word("zone", str(zone)),
    )
    shell.say("why.known" if answer.is_known else "why.unknown", attempts=answer.attempts_past)
    if answer.lacks_lead:
        shell.say("why.without-lead")
    shell.line()
    shell.line(texts.headline(explanation))
    if not answer.has_own_rules:
        shell.say("why.region-without-rules", region=answer.region)
    if explanation.verdict.overruled:
        shell.line(f"{texts.word('labels', 'overruled')}{', '.join(explanation.verdict.overruled)}")
    for row in explanation.rows:
        finding = row.finding
        shell.line()
        shell.line(f"  {_MARKS[finding.says.value]} {finding.rule_id}  {texts.word('says', finding.says.value)}")
        shell.line(f"      {texts.sentence(row)}")
        status, source = texts.word("status", finding.status.value), texts.source(finding)
        shell.line(f"      {texts.word('labels', 'source')}[{status}] {source}")
        shell.line(f"      {texts.word('labels', 'evidence')}{texts.evidence(finding)}")
        for remedy in texts.remedies(row):
            shell.line(f"      {texts.word('labels', 'remedy')}{remedy}")
    if answer.packs_left_out:
        shell.line()
        shell.say("packs.left-out", packs=", ".join(answer.packs_left_out))
    body = {
        "number": answer.number.masked(),
        "campaign": folder.campaign.campaign_id,
        "is_known": answer.is_known,
        "region": answer.region,
        "lacks_lead": answer.lacks_lead,
        "has_own_rules": answer.has_own_rules,
        "packs_left_out": list(answer.packs_left_out),
    }
    shell.give({**body, **explanation.to_json()})
    return ExitCode.OK


_MARKS = {"deny": "✗", "delay": "…", "advise": "!", "allow": "✓"}
