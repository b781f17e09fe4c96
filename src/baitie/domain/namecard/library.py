"""The library of name cards (名片库): templates by cell of the matrix, and which one serves a wanted cell.

The order in which a cell is served, the first usable template wins:

1. the wanted language, then those that may stand in for it (`LANGUAGE_CHAINS`); within a language
2. industry and segment, 3. industry and any segment, 4. any industry and the segment, 5. any and any;
within a cell the order of the file. The purpose is never left: it decides what the law allows.
Industry stands before segment: an industry forbids (a clinic names no department), a segment only colours.
For callees who complain 4 stands before 3: their complaint is what the call is about, and `disclosure_max` still keeps
out what the industry may not disclose.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from baitie.domain.namecard.dimensions import LANGUAGE_CHAINS, CalleeSegment, Cell, Industry, disclosure_max
from baitie.domain.namecard.parsing import parse_template
from baitie.domain.namecard.template import CardFault, CardTemplateError, NameCardTemplate
from baitie.kernel.purpose import Purpose

TEMPLATES_MAX = 1000
"""Templates in one library: a matrix of more is made, not written."""

_NO_SIGN = "--"


class NoTemplateReason(StrEnum):
    """Why a cell has no template (无模板原因)."""

    LANGUAGE_UNKNOWN = "language-unknown"
    BARRED = "barred"
    NOT_IN_LIBRARY = "not-in-library"
    NONE_USABLE = "none-usable"


@dataclass(frozen=True, slots=True)
class BarredCell:
    """Barred cell (禁用格): there must be no such card. What is not named holds for all."""

    purpose: Purpose
    reason: str  # kebab-case
    industry: Industry | None = None
    segment: CalleeSegment | None = None

    def holds(self, cell: Cell) -> bool:
        """Whether the bar speaks of this cell."""
        return (
            cell.purpose is self.purpose
            and self.industry in (None, cell.industry)
            and self.segment in (None, cell.segment)
        )


@dataclass(frozen=True)
class Stress:
    """Stress (侧重): what a card stresses by purpose, industry and segment, and the texts of these words."""

    emphasis: Mapping[str, Mapping[str, str]]  # code -> language of the platform -> text
    by_purpose: Mapping[Purpose, tuple[str, ...]]
    by_industry: Mapping[Industry, tuple[str, ...]]
    by_segment: Mapping[CalleeSegment, tuple[str, ...]]
    barred: tuple[BarredCell, ...] = ()

    def of(self, cell: Cell) -> tuple[str, ...]:
        """What a card for this cell should stress, the most general first; codes of `emphasis`."""
        codes = (
            *self.by_purpose.get(cell.purpose, ()),
            *self.by_industry.get(cell.industry, ()),
            *self.by_segment.get(cell.segment, ()),
        )
        return tuple(dict.fromkeys(codes))

    def bar(self, cell: Cell) -> BarredCell | None:
        """The bar that forbids a card for this cell."""
        return next((bar for bar in self.barred if bar.holds(cell)), None)


@dataclass(frozen=True, slots=True)
class Choice:
    """Choice (选用): the template that serves a wanted cell, and the cells passed over with the reason."""

    template: NameCardTemplate
    served_by_cell: Cell
    fallbacks: tuple[tuple[Cell, str], ...]  # `no-template`, or what `is_usable` said of the last one there

    @property
    def is_exact(self) -> bool:
        """Whether the template was written for the wanted cell."""
        return not self.fallbacks


@dataclass(frozen=True, slots=True)
class NoTemplate:
    """No template (无可用模板) for the wanted cell."""

    reason: NoTemplateReason
    detail: str = ""
    fallbacks: tuple[tuple[Cell, str], ...] = ()


@dataclass(frozen=True)
class CardLibrary:
    """Card library (名片库). Its templates have no sign: `with_sign` puts the enterprise's there."""

    templates: tuple[NameCardTemplate, ...]
    stress: Stress

    @cached_property
    def by_cell(self) -> Mapping[Cell, tuple[NameCardTemplate, ...]]:
        """The templates of each cell, in the order of the files."""
        cells: dict[Cell, tuple[NameCardTemplate, ...]] = {}
        for template in self.templates:
            cells[template.cell] = (*cells.get(template.cell, ()), template)
        return cells

    def find(self, template_id: str) -> NameCardTemplate | None:
        """The template with this id."""
        return next((template for template in self.templates if template.template_id == template_id), None)


def anything(_: NameCardTemplate) -> str:
    """Says of every template that it may be used."""
    return ""


def chain(cell: Cell) -> Iterator[Cell]:
    """The cells that may serve `cell`, the most specific first; nothing for a language that no card is written in."""
    for language in LANGUAGE_CHAINS.get(cell.language, ()):
        own, of_industry, of_segment, general = (
            Cell(cell.purpose, industry, segment, language)
            for industry in (cell.industry, Industry.ANY)
            for segment in (cell.segment, CalleeSegment.ANY)
        )
        between = (of_segment, of_industry) if cell.segment is CalleeSegment.COMPLAINING else (of_industry, of_segment)
        yield from dict.fromkeys((own, *between, general))


def choose(
    library: CardLibrary, wanted: Cell, why_unusable: Callable[[NameCardTemplate], str] = anything
) -> Choice | NoTemplate:
    """The most specific template that may be used. `why_unusable` gives "" for one that may, else a reason."""
    if wanted.language not in LANGUAGE_CHAINS:
        return NoTemplate(NoTemplateReason.LANGUAGE_UNKNOWN, wanted.language)
    bar = library.stress.bar(wanted)
    if bar is not None:
        return NoTemplate(NoTemplateReason.BARRED, bar.reason)
    most = disclosure_max(wanted.purpose, wanted.industry)
    passed_over: list[tuple[Cell, str]] = []
    for cell in chain(wanted):
        reason = "no-template"
        for template in library.by_cell.get(cell, ()):
            discloses_too_much = template.disclosure is None or template.disclosure.rank > most.rank
            reason = "discloses-too-much" if discloses_too_much else why_unusable(template)
            if not reason:
                return Choice(template, cell, tuple(passed_over))
        passed_over.append((cell, reason))
    is_known = any(reason != "no-template" for _, reason in passed_over)
    return NoTemplate(
        NoTemplateReason.NONE_USABLE if is_known else NoTemplateReason.NOT_IN_LIBRARY, "", tuple(passed_over)
    )


def all_cells() -> Iterator[Cell]:
    """Every cell of the matrix."""
    for purpose in Purpose:
        for industry in Industry:
            for segment in CalleeSegment:
                for language in LANGUAGE_CHAINS:
                    yield Cell(purpose, industry, segment, language)


def coverage(
    library: CardLibrary, why_unusable: Callable[[NameCardTemplate], str] = anything
) -> dict[Cell, Choice | NoTemplate]:
    """What serves each cell of the matrix."""
    return {cell: choose(library, cell, why_unusable) for cell in all_cells()}


def parse_templates(text: str, file_name: str) -> tuple[NameCardTemplate, ...]:
    """The templates of one file of the library: a `purpose`, and `[[template]]` tables. Raises `CardTemplateError`."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise CardTemplateError(CardFault.NOT_TOML, file_name, "", found=str(error)) from error
    entries = table.get("template", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise CardTemplateError(CardFault.WRONG_TYPE, file_name, "template", expected="tables")
    if len(entries) > TEMPLATES_MAX:
        raise CardTemplateError(CardFault.OUT_OF_RANGE, file_name, "template", found=len(entries))
    return tuple(_template(entry, table.get("purpose"), file_name) for entry in entries)


def _template(entry: Mapping[str, Any], purpose: Any, file_name: str) -> NameCardTemplate:
    whole = {"purpose": purpose, **entry}
    place = f"{file_name} [{entry.get('template_id', '?')}]"
    if "sign" in entry:
        raise CardTemplateError(CardFault.KEY_UNKNOWN, place, "sign", expected="the enterprise's own")
    return replace(parse_template({**whole, "sign": _NO_SIGN}, place), sign="")


def parse_stress(table: Mapping[str, Any], file_name: str) -> Stress:
    """What cards stress, from a file. Raises `CardTemplateError`."""
    try:
        stress = Stress(
            {str(code): {str(k): str(v) for k, v in texts.items()} for code, texts in table["emphasis"].items()},
            {Purpose(key): tuple(codes) for key, codes in table["purpose"].items()},
            {Industry(key): tuple(codes) for key, codes in table["industry"].items()},
            {CalleeSegment(key): tuple(codes) for key, codes in table["segment"].items()},
            tuple(_bar(entry) for entry in table.get("barred", [])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CardTemplateError(
            CardFault.WRONG_TYPE, file_name, "", found=f"{type(error).__name__}: {error}"
        ) from error
    used = {*_codes(stress.by_purpose), *_codes(stress.by_industry), *_codes(stress.by_segment)}
    if not used <= stress.emphasis.keys():
        raise CardTemplateError(CardFault.NOT_ONE_OF, file_name, ", ".join(sorted(used - stress.emphasis.keys())))
    return stress


def _codes(lists: Mapping[Any, Sequence[str]]) -> Iterator[str]:
    return (code for codes in lists.values() for code in codes)


def _bar(entry: Mapping[str, Any]) -> BarredCell:
    industry, segment = entry.get("industry"), entry.get("segment")
    return BarredCell(
        Purpose(entry["purpose"]),
        str(entry["reason"]),
        None if industry is None else Industry(industry),
        None if segment is None else CalleeSegment(segment),
    )
