"""Rule packs for people who read them: what is in a pack, whether its rules keep their examples, how two differ."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from baitie.domain.risk.cases import failures
from baitie.domain.risk.rulebook import load_rulebook
from baitie.domain.risk.rulepack import Rule, parse_pack_untrusted
from baitie.domain.risk.workdays import OfficialCalendar
from baitie.files.organisation_settings import RuleSettings
from baitie.files.rule_files import (
    own_packs,
    read_calendars,
    read_pack_text,
    refuse_unknown_remedies,
    shipped_packs,
    wanted_packs,
)
from baitie.kernel.errors import InputError

_COMMON = frozenset(
    (
        *("id", "kind", "jurisdiction", "purposes", "effective_from", "effective_until", "force", "fail_direction"),
        *("status", "source", "evidence", "remedies", "case"),
    )
)


class PackNotFoundError(InputError):
    """There is no rule pack of this name and no such file. `baitie rules list` shows the names."""

    code = "rule-pack-not-found"


class RuleNotFoundError(InputError):
    """No rule has this id. `baitie rules list` shows the ids."""

    code = "rule-not-found"


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule (规则视图) as it stands in its pack: `rule` compiled, `table` as it is written."""

    rule: Rule
    table: Mapping[str, Any]

    @property
    def fields(self) -> dict[str, Any]:
        """What only rules of its kind have, as written."""
        return {name: value for name, value in self.table.items() if name not in _COMMON}

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, examples included."""
        return {"pack": self.rule.pack, **_plain(self.table)}


@dataclass(frozen=True, slots=True)
class PackView:
    """One pack (规则包视图): `is_used` says whether the gate asks it under the settings at hand."""

    name: str
    version: int
    title: str
    is_used: bool
    rules: tuple[RuleView, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two packs (规则差异); `before` or `after` is `None` where the rule or field is absent.

    `field` is empty where a whole rule came or went.
    """

    rule_id: str
    field: str
    before: Any
    after: Any

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "rule": self.rule_id,
            "field": self.field,
            "before": _plain(self.before),
            "after": _plain(self.after),
        }


def packs(settings: RuleSettings | None = None) -> list[PackView]:
    """Every shipped pack, and those of the organisation's own folder. Raises `RulePackError`, `SettingsError`."""
    wanted = wanted_packs(settings or RuleSettings())
    calendars = read_calendars()
    views = [_view(name, text, name in wanted, calendars) for name, text in shipped_packs().items()]
    if settings is not None and settings.folder is not None:
        views += [_view(name, text, True, calendars) for name, text in own_packs(settings.folder, wanted).items()]
    return views


def find_pack(named: str, settings: RuleSettings | None = None) -> PackView:
    """The pack of this name, or the one in this file. Raises `PackNotFoundError`, `RulePackError`."""
    for view in packs(settings):
        if view.name == named:
            return view
    file = Path(named)
    if not file.is_file():
        raise PackNotFoundError(value=named)
    return _view(file.stem, read_pack_text(file), False, read_calendars())


def find_rule(rule_id: str, settings: RuleSettings | None = None) -> tuple[PackView, RuleView]:
    """The rule of this id, whatever its letters' case. Raises `RuleNotFoundError`."""
    for view in packs(settings):
        for rule in view.rules:
            if rule.rule.rule_id.casefold() == rule_id.casefold():
                return view, rule
    raise RuleNotFoundError(value=rule_id)


def broken_examples(view: PackView, zone_of: Callable[[str], tzinfo] = ZoneInfo) -> list[str]:
    """Every example that a rule of the pack does not keep, one line each. Raises `RulePackError`."""
    return [line for rule in view.rules for line in failures(rule.rule, zone_of)]


def differences(before: PackView, after: PackView) -> list[Change]:
    """How the second pack differs from the first, rule by rule and field by field; examples count as one field."""
    old = {view.rule.rule_id: view.table for view in before.rules}
    fresh = {view.rule.rule_id: view.table for view in after.rules}
    changes = [Change(rule_id, "", table, None) for rule_id, table in old.items() if rule_id not in fresh]
    for rule_id, table in fresh.items():
        if rule_id not in old:
            changes.append(Change(rule_id, "", None, table))
            continue
        names = [*old[rule_id], *(name for name in table if name not in old[rule_id])]
        pairs = [(name, old[rule_id].get(name), table.get(name)) for name in names]
        changes += [Change(rule_id, name, was, now) for name, was, now in pairs if was != now]
    return changes


def shown(value: Any) -> str:
    """A field's value as a pack would have it, shortened to what fits a line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {shown(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(shown(entry) for entry in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _view(name: str, text: str, is_used: bool, calendars: Mapping[str, OfficialCalendar]) -> PackView:
    table = parse_pack_untrusted(name, text)
    book = load_rulebook([table], calendars)
    refuse_unknown_remedies(name, table)
    rows = {str(row["id"]): row for row in table["rule"]}
    views = tuple(RuleView(rule, rows[rule.rule_id]) for rule in book.rules)
    return PackView(str(table["pack"]), int(table["version"]), str(table["title"]), is_used, views)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, date | time) else value
