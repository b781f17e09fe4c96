"""Rule packs as data: one rule, and what a pack says of it beside its check."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from baitie.domain.risk.checks import ANYWHERE, Check
from baitie.domain.risk.table_reader import RulePackError, TableReader
from baitie.domain.risk.verdict import Knowledge, RuleEvidence, RuleStatus
from baitie.kernel.purpose import Purpose

PACK_CHARS_MAX = 1_000_000
RULES_PER_PACK_MAX = 500


class Force(StrEnum):
    """Force (效力) of a rule: it stops the call, or only says what it thinks."""

    BLOCK = "block"
    ADVISE = "advise"


class FailDirection(StrEnum):
    """What a rule does where it cannot know (失效方向): `closed` refuses, `open` stays silent."""

    CLOSED = "closed"
    OPEN = "open"


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """Rule (规则): one sentence of law, standard, practice, advice or house policy, compiled.

    `effective_from` is the first local date on which it holds, `effective_until` the first on which it no longer
    does; `None` means always. `cases` are its own examples, as they stand in the pack.
    """

    rule_id: str
    pack: str
    kind: str
    jurisdiction: str  # ISO 3166-1 alpha-2, or ANYWHERE
    purposes: frozenset[Purpose]
    effective_from: date | None
    effective_until: date | None
    force: Force
    fail_direction: FailDirection
    status: RuleStatus
    source: str
    evidence: RuleEvidence
    remedies: tuple[str, ...]
    cases: tuple[Mapping[str, Any], ...]
    check: Check

    def is_dated_for(self, day: date) -> bool:
        """Whether the rule is in force on a local date."""
        return (self.effective_from or date.min) <= day < (self.effective_until or date.max)


def parse_pack_untrusted(name: str, text: str) -> Mapping[str, Any]:
    """The tables of a pack's TOML text. Raises `RulePackError` with the place of the mistake."""
    if len(text) > PACK_CHARS_MAX:
        raise RulePackError(f"The pack is longer than {PACK_CHARS_MAX} characters. Divide it.", pack=name)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise RulePackError(f"This is not TOML: {error}. Mend that place.", pack=name) from error


def read_evidence(reader: TableReader, status: RuleStatus) -> RuleEvidence:
    """Who knows the rule and how. What nobody read may not call itself law or standard."""
    table = TableReader(reader.need("evidence", dict), reader.pack, reader.rule)
    evidence = RuleEvidence(
        how=table.choice("how", Knowledge),
        by=table.text("by"),
        known_on=table.need("on", date),
        note=table.optional("note", str) or "",
    )
    table.done()
    if evidence.how is Knowledge.MEMORY and status in (RuleStatus.LAW, RuleStatus.STANDARD):
        problem = f"A rule known from memory only is called {status.value}."
        raise reader.error(problem, "evidence.how", 'Read it first, or write status = "advice".')
    return evidence


def read_jurisdiction(reader: TableReader) -> str:
    """Two capital letters, or `*` for everywhere."""
    value = reader.text("jurisdiction")
    if value != ANYWHERE and not (len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()):
        raise reader.error(f"{value!r} is no country code.", "jurisdiction", 'Write "CN", "US" … or "*".')
    return value


def sequence_of_rules(pack: Mapping[str, Any]) -> tuple[str, Sequence[Mapping[str, Any]]]:
    """The name of a pack and its rule tables."""
    reader = TableReader(pack, str(pack.get("pack", "?")), "")
    name = reader.text("pack")
    reader.pack = name
    reader.count("version", 1, 1_000_000)
    reader.text("title")
    rules = reader.tables("rule")
    reader.done()
    if not 1 <= len(rules) <= RULES_PER_PACK_MAX:
        raise reader.error("The pack holds no rule, or too many.", "rule", f"Write 1 to {RULES_PER_PACK_MAX}.")
    return name, rules
