"""`baitie cards`: the library of name cards, the full check of a template, and which cell is served by what."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from baitie.cli.groups import TaughtGroup
from baitie.cli.shared import ExitCode, Shell, common, option, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from baitie.domain.namecard import CardFinding, Choice, NameCardTemplate, NoTemplate
    from baitie.locale.catalogue import Catalogue

ANY = "any"


@click.group("cards", cls=TaughtGroup)
@common
def command(shell: Shell) -> None:
    """The library of name cards."""


_filters = (
    option("--purpose", metavar="PURPOSE", help="option.cards-purpose"),
    option("--industry", metavar="INDUSTRY", help="option.cards-industry"),
    option("--segment", metavar="SEGMENT", help="option.cards-segment"),
    option("--language", metavar="LANGUAGE", help="option.cards-language"),
)


def _filtered(function: Any) -> Any:
    for each in reversed(_filters):
        function = each(function)
    return function


@command.subcommand("list")
@_filtered
@common
def list_(shell: Shell, purpose: str | None, industry: str | None, segment: str | None, language: str | None) -> int:
    """List the templates."""
    from baitie.files.card_files import read_library

    wanted = (purpose, industry, segment, language)
    found = [template for template in read_library().templates if _matches(template.cell, wanted)]
    names = _names(shell)
    rows = [
        (template.template_id, *(_name(names, kind, key) for kind, key in _dimensions(template.cell)))
        for template in found
    ]
    shell.line(table(rows, indent=""))
    shell.say("cards.listed", count=len(found))
    shell.give({"cards": [_body(template) for template in found]})
    return ExitCode.OK


@command.subcommand("show")
@click.argument("card", metavar="ID|FILE")
@option("--sign", metavar="SIGN", help="option.cards-sign")
@common
def show(shell: Shell, card: str, sign: str | None) -> int:
    """Show one card."""
    from baitie.domain.namecard import CardRefusal, render, with_sign, worst_case
    from baitie.files.card_files import CardCase, card_by_id, lint_fully, read_case

    file = Path(card)
    case = read_case(file) if file.is_file() else CardCase(card_by_id(card), {})
    shown_sign = sign or case.template.sign or shell.texts.text("cards.example-sign")
    template = with_sign(case.template, shown_sign) if sign or not case.template.sign else case.template
    worst, names = worst_case(template), _names(shell)
    stress = ", ".join(_stress_texts(shell, template))
    shell.line(template.text)
    dimensions = " · ".join(_name(names, kind, key) for kind, key in _dimensions(template.cell))
    shell.say("cards.about", id=template.template_id, version=template.version, cell=dimensions)
    if template.disclosure is not None:
        shell.say("cards.disclosure", disclosure=_name(names, "disclosure", template.disclosure.value))
    if stress:
        shell.say("cards.stress", stress=stress)
    shell.say("cards.longest", units=worst.units, units_max=worst.units_max, encoding=worst.encoding.value)
    for spec in template.slots.values():
        shell.say("cards.slot", slot=spec.name, type=spec.type.value, units_max=spec.units_max)
    body = {**_body(template), "units": worst.units, "units_max": worst.units_max, "encoding": worst.encoding.value}
    if case.values:
        made = render(template, case.values)
        if isinstance(made, CardRefusal):
            shell.say("cards.refused", code=made.code.value, slot=made.slot or "-")
            shell.give({**body, "refusal": made.code.value, "slot": made.slot})
            return ExitCode.PROBLEMS
        shell.say("cards.made", text=made.text, units=made.units)
        body["rendered"] = made.text
    findings = lint_fully(template, template.sign)
    _show_findings(shell, findings)
    shell.give({**body, "findings": [_finding(shell, finding) for finding in findings]})
    return _exit_of(findings)


@command.subcommand("lint")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@option("--sign", metavar="SIGN", help="option.cards-verified")
@common
def lint(shell: Shell, files: tuple[Path, ...], sign: str | None) -> int:
    """Check templates."""
    from baitie.files.card_files import lint_fully, read_case

    body, worst = [], ExitCode.OK
    for file in files:
        template = read_case(file).template
        findings = lint_fully(template, sign or template.sign)
        shell.say("cards.linted" if findings else "cards.clean", file=file, count=len(findings))
        _show_findings(shell, findings)
        body.append({"file": str(file), "findings": [_finding(shell, finding) for finding in findings]})
        worst = max(worst, _exit_of(findings))
    shell.give({"files": body})
    return worst


@command.subcommand("coverage")
@_filtered
@option("--all", "show_all", is_flag=True, help="option.cards-all")
@option("--filed", type=click.Path(path_type=Path), metavar="CAMPAIGN", help="option.cards-filed")
@common
def coverage(
    shell: Shell,
    purpose: str | None,
    industry: str | None,
    segment: str | None,
    language: str | None,
    show_all: bool,
    filed: Path | None,
) -> int:
    """Which cell is served by what."""
    from baitie.domain.namecard import Choice
    from baitie.domain.namecard import coverage as coverage_of
    from baitie.domain.namecard.library import anything
    from baitie.files.card_files import read_library

    usable = anything if filed is None else _why_unfiled(shell, filed)

    names = _names(shell)
    wanted = (purpose, industry, segment, language)
    served = {cell: found for cell, found in coverage_of(read_library(), usable).items() if _matches(cell, wanted)}
    exact = sum(1 for found in served.values() if isinstance(found, Choice) and found.is_exact)
    none = sum(1 for found in served.values() if not isinstance(found, Choice))
    barred = sum(1 for found in served.values() if _is_barred(found))
    is_asked_for = show_all or any(wanted)
    rows = [
        (*(_name(names, kind, key) for kind, key in _dimensions(cell)), _served_by(shell, found))
        for cell, found in served.items()
        if is_asked_for or (isinstance(found, Choice) and found.is_exact) or _is_barred(found)
    ]
    shell.line(table(rows, indent=""))
    shell.say("cards.covered", all=len(served), exact=exact, fallback=len(served) - exact - none, none=barred)
    if none > barred:
        shell.say("cards.uncovered" if filed is None else "cards.unfiled", count=none - barred)
    shell.give(
        {
            "cells": [
                {**dict(_dimensions(cell)), **_choice(found)} for cell, found in served.items()
            ],
            "exact": exact,
            "by_fallback": len(served) - exact - none,
            "none": none,
            "barred": barred,
        }
    )  # fmt: skip
    return ExitCode.OK


def _is_barred(found: "Choice | NoTemplate") -> bool:
    """Whether there must be no such card, which nothing that is written or filed changes."""
    from baitie.domain.namecard import NoTemplate, NoTemplateReason

    return isinstance(found, NoTemplate) and found.reason is NoTemplateReason.BARRED


def _why_unfiled(shell: Shell, campaign: Path) -> "Callable[[NameCardTemplate], str]":
    """Asks the register of an organisation, whether or not its campaigns hold to it already."""
    from baitie.bootstrap.environment import real_now
    from baitie.bootstrap.filings import filing_plan
    from baitie.domain.namecard import with_sign
    from baitie.files.filing_files import why_unfiled
    from baitie.files.settings_files import find_organisation_file, load_organisation

    folder = campaign if campaign.is_dir() else campaign.parent
    settings = load_organisation(find_organisation_file(folder, shell.environ), shell.environ).settings
    held = settings.model_copy(update={"filing": settings.filing.model_copy(update={"is_on": True})})
    why = why_unfiled(filing_plan(held), real_now())
    return lambda template: why(with_sign(template, settings.enterprise.sign))


def _matches(cell: Any, wanted: tuple[str | None, ...]) -> bool:
    return all(want is None or want == key for want, (_, key) in zip(wanted, _dimensions(cell), strict=True))


def _dimensions(cell: Any) -> tuple[tuple[str, str], ...]:
    return (
        ("purpose", cell.purpose.value),
        ("industry", cell.industry.value),
        ("segment", cell.segment.value),
        ("language", cell.language),
    )


def _names(shell: Shell) -> "Catalogue":
    from baitie.locale.catalogue import catalogue

    return catalogue("cards", shell.lang)


def _name(names: "Catalogue", kind: str, key: str) -> str:
    return names.text_or(f"{kind}.{key}", key)


def _stress_texts(shell: Shell, template: "NameCardTemplate") -> list[str]:
    from baitie.files.card_files import read_library

    emphasis = read_library().stress.emphasis
    return [emphasis[code][shell.lang] if code in emphasis else code for code in template.emphasises]


def _body(template: "NameCardTemplate") -> dict[str, Any]:
    return {
        "id": template.template_id,
        "version": template.version,
        **dict(_dimensions(template.cell)),
        "disclosure": None if template.disclosure is None else template.disclosure.value,
        "emphasises": list(template.emphasises),
        "text": template.text if template.sign else template.body(lambda name: f"{{{name}}}"),
        "slots": {s.name: {"type": s.type.value, "units_max": s.units_max} for s in template.slots.values()},
    }


def _show_findings(shell: Shell, findings: "tuple[CardFinding, ...]") -> None:
    from baitie.locale.catalogue import catalogue

    texts = catalogue("namecard", shell.lang)
    for finding in findings:
        said = _finding(shell, finding)
        mark = "✗" if said["severity"] == "error" else "!"
        shell.line(f"  {mark} {texts.text('said', **said)}")
        if said["instead"] is not None:
            shell.line(f"    {texts.text('instead', instead=said['instead'])}")


def _finding(shell: Shell, finding: "CardFinding") -> dict[str, Any]:
    from baitie.locale.catalogue import catalogue

    texts = catalogue("namecard", shell.lang)
    shown = {name: texts.text_or(f"{name}.{value}", str(value)) for name, value in finding.values.items()}
    text, remedy = (texts.text(f"finding.{finding.code.value}.{part}", **shown) for part in ("text", "remedy"))
    return {
        "code": finding.code.value,
        "severity": finding.severity.value,
        "place": finding.place,
        "text": text,
        "remedy": remedy,
        "instead": finding.values.get("instead"),
    }


def _exit_of(findings: "tuple[CardFinding, ...]") -> ExitCode:
    return ExitCode.PROBLEMS if any(finding.severity.value == "error" for finding in findings) else ExitCode.OK


def _served_by(shell: Shell, found: "Choice | NoTemplate") -> str:
    from baitie.domain.namecard import Choice

    if not isinstance(found, Choice):
        return shell.texts.text(
            "cards.none", reason=_name(_names(shell), "no-card", found.detail or found.reason.value)
        )
    mark = "=" if found.is_exact else "→"
    return f"{mark} {found.template.template_id}"


def _choice(found: "Choice | NoTemplate") -> dict[str, Any]:
    from baitie.domain.namecard import Choice

    passed = [{"cell": str(cell), "reason": reason} for cell, reason in found.fallbacks]
    if isinstance(found, Choice):
        return {"card": found.template.template_id, "is_exact": found.is_exact, "passed_over": passed}
    return {"card": None, "reason": found.reason.value, "detail": found.detail, "passed_over": passed}
