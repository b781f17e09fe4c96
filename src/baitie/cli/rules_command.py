"""`baitie rules`: the rule packs, one rule with its source, their own tests, and how two packs differ."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from baitie.cli.groups import TaughtGroup
from baitie.cli.shared import ExitCode, Shell, common, option, table

if TYPE_CHECKING:
    from baitie.domain.risk.explain import Catalogue as VerdictTexts
    from baitie.files.organisation_settings import RuleSettings
    from baitie.files.rule_listing import PackView, RuleView
    from baitie.locale.catalogue import Catalogue


@click.group("rules", cls=TaughtGroup)
@common
def command(shell: Shell) -> None:
    """Read the rules."""


_campaign = option("--campaign", type=click.Path(path_type=Path), default=".", help="option.campaign")


def _settings(shell: Shell, campaign: Path) -> "RuleSettings | None":
    """Rule settings of the organisation that the folder belongs to; `None` where there is no such file."""
    from baitie.files.settings_files import find_organisation_file, load_organisation

    file = find_organisation_file(campaign if campaign.is_dir() else campaign.parent, shell.environ)
    return load_organisation(file, shell.environ).settings.rules if file.is_file() else None


def _texts(shell: Shell) -> "Catalogue":
    from baitie.locale.catalogue import catalogue

    return catalogue("rules", shell.lang)


@command.subcommand("list")
@option("--all", "all_packs", is_flag=True, help="option.rules-all")
@_campaign
@common
def list_(shell: Shell, all_packs: bool, campaign: Path) -> int:
    """List packs and rules."""
    from baitie.files.rule_files import verdict_texts
    from baitie.files.rule_listing import packs

    texts, words = _texts(shell), verdict_texts(shell.lang)
    shown = [view for view in packs(_settings(shell, campaign)) if view.is_used or all_packs]
    for view in shown:
        state = texts.text("list.used" if view.is_used else "list.unused")
        title = words.title(view.name, view.title)
        shell.line(texts.text("list.pack", name=view.name, title=title, version=view.version, state=state))
        rows = [
            (
                rule.rule.rule_id,
                rule.rule.jurisdiction,
                texts.text(f"kind.{rule.rule.kind}"),
                texts.text(f"force.{rule.rule.force.value}"),
                words.word("status", rule.rule.status.value),
            )
            for rule in view.rules
        ]
        shell.line(table(rows))
        shell.line()
    if not all_packs:
        shell.line(texts.text("list.more"))
    shell.give({"packs": [_pack_json(view) for view in shown]})
    return ExitCode.OK


def _pack_json(view: "PackView") -> dict[str, Any]:
    rules = [
        {
            "id": rule.rule.rule_id,
            "kind": rule.rule.kind,
            "jurisdiction": rule.rule.jurisdiction,
            "force": rule.rule.force.value,
            "status": rule.rule.status.value,
        }
        for rule in view.rules
    ]
    return {"pack": view.name, "version": view.version, "title": view.title, "is_used": view.is_used, "rules": rules}


@command.subcommand("show")
@click.argument("rule")
@_campaign
@common
def show(shell: Shell, rule: str, campaign: Path) -> int:
    """Show one rule."""
    from baitie.files.rule_listing import find_rule

    pack, view = find_rule(rule, _settings(shell, campaign))
    if not shell.as_json:
        _show(shell, pack, view)
    shell.give({**view.to_json(), "is_used": pack.is_used})
    return ExitCode.OK


def _show(shell: Shell, pack: "PackView", view: "RuleView") -> None:
    from baitie.files.rule_files import verdict_texts
    from baitie.files.rule_listing import shown

    texts, words, rule = _texts(shell), verdict_texts(shell.lang), view.rule
    purposes = ", ".join(words.word("purpose", purpose.value) for purpose in sorted(rule.purposes))
    is_for_all = "purposes" not in view.table
    effective = f"{rule.effective_from or '…'} – {rule.effective_until or '…'}"
    used = texts.text("list.used" if pack.is_used else "list.unused")
    rows = [
        (texts.text("show.pack"), f"{pack.name} ({words.title(pack.name, pack.title)}), {used}"),
        (texts.text("show.kind"), f"{texts.text(f'kind.{rule.kind}')} ({rule.kind})"),
        *((f"  {name}", shown(value)) for name, value in view.fields.items()),
        (
            texts.text("show.jurisdiction"),
            texts.text("show.anywhere") if rule.jurisdiction == "*" else rule.jurisdiction,
        ),
        (texts.text("show.purposes"), texts.text("show.all-purposes") if is_for_all else purposes),
        (texts.text("show.effective"), effective),
        (texts.text("show.force"), texts.text(f"force.{rule.force.value}")),
        (texts.text("show.unknown"), texts.text(f"fail.{rule.fail_direction.value}")),
        (texts.text("show.status"), words.word("status", rule.status.value)),
        (_label(words, "source"), words.source(rule)),
        (_label(words, "evidence"), words.evidence(rule)),
        (_label(words, "remedy"), " ".join(words.remedy(key) for key in rule.remedies)),
    ]
    shell.line(rule.rule_id)
    shell.line(table(rows))
    shell.line()
    shell.line(texts.text("show.examples"))
    for case in rule.cases:
        outcome = case.get("expect") or f"{case.get('begins_on')} → {case.get('ends_on')}"
        until = f" → {case['until']}" if "until" in case else ""
        shell.line(f"  - {case['name']}: {texts.text_or(f'expect.{outcome}', str(outcome))}{until}")


@command.subcommand("test")
@click.argument("named", metavar="[PACK|FILE]...", nargs=-1)
@_campaign
@common
def test(shell: Shell, named: tuple[str, ...], campaign: Path) -> int:
    """Run the examples of packs."""
    from baitie.files.rule_listing import broken_examples, find_pack, packs

    texts, settings = _texts(shell), _settings(shell, campaign)
    views = [find_pack(name, settings) for name in named] or packs(settings)
    body, is_whole = [], True
    for view in views:
        broken = broken_examples(view)
        count = sum(len(rule.rule.cases) for rule in view.rules)
        is_whole = is_whole and not broken
        values = {"name": view.name, "rules": len(view.rules), "examples": count, "broken": len(broken)}
        shell.line(texts.text("test.broken" if broken else "test.whole", **values))
        for line in broken:
            shell.line(f"  {line}")
        body.append({"pack": view.name, "rules": len(view.rules), "examples": count, "broken": broken})
    shell.give({"packs": body})
    return ExitCode.OK if is_whole else ExitCode.PROBLEMS


@command.subcommand("diff")
@click.argument("before", metavar="PACK_A")
@click.argument("after", metavar="PACK_B")
@_campaign
@common
def diff(shell: Shell, before: str, after: str, campaign: Path) -> int:
    """Compare two packs."""
    from baitie.files.rule_listing import differences, find_pack, shown

    texts, settings = _texts(shell), _settings(shell, campaign)
    changes = differences(find_pack(before, settings), find_pack(after, settings))
    for change in changes:
        if not change.field:
            key = "diff.gone" if change.after is None else "diff.came"
            shell.line(texts.text(key, rule=change.rule_id))
        elif change.field == "case":
            shell.line(texts.text("diff.examples", rule=change.rule_id))
        else:
            absent = texts.text("diff.absent")
            was, now = (absent if value is None else shown(value) for value in (change.before, change.after))
            shell.line(texts.text("diff.changed", rule=change.rule_id, field=change.field, was=was, now=now))
    if not changes:
        shell.line(texts.text("diff.none"))
    shell.give({"changes": [change.to_json() for change in changes]})
    return ExitCode.PROBLEMS if changes else ExitCode.OK


def _label(words: "VerdictTexts", name: str) -> str:
    """A label for a table's first column, where its colon would be one too many."""
    return words.word("labels", name).rstrip(" :：")
