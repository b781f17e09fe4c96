"""Marks of the lists beside the callees: suspended numbers, qualifications, registries of refused calls."""

from collections.abc import Mapping
from typing import Any

from baitie.domain.audit.registers import utc_text
from baitie.kernel.journal import JournalEntry, JournalKind


def marks_of_suspension(content: Mapping[str, Any]) -> tuple[str, ...]:
    """The mark of a suspension, from `NumberSuspension.to_json`. Ends are marked once for all that they end."""
    return (f"suspension|{content.get('number')}|{utc_text(content.get('at'))}",)


def mark_of_resuming(number: object, ends: object, lifted_at: object) -> str:
    """The mark of the end of a number's suspensions for a reason."""
    return f"resumed|{number}|{ends}|{utc_text(lifted_at)}"


def marks_of_qualification(content: Mapping[str, Any]) -> tuple[str, ...]:
    """The marks of a qualification, from `Qualification.to_json`."""
    told = (content.get(name) for name in ("kind", "valid_from", "valid_until"))
    own = f"qualification|{content.get('qualification_id')}|{'|'.join(map(str, told))}"
    ended = f"ended|{content.get('qualification_id')}"
    return (own, ended) if content.get("ended_at") is not None else (own,)


def mark_of_registry(name: object, as_of: object, digest: object) -> str:
    """The mark of a registry's copy. `digest` is of its pages, empty for a copy that was taken over without one."""
    return f"registry|{name}|{as_of}|{digest or ''}"


def list_change(entry: JournalEntry) -> tuple[list[str], list[str]]:
    """The marks that an entry of `LIST_KINDS` brings, and those that it takes away."""
    facts, kind = entry.facts, entry.kind
    if kind is JournalKind.NUMBER_SUSPENDED:
        return [*marks_of_suspension({"number": facts.get("number"), "at": entry.at})], []
    if kind is JournalKind.NUMBER_RESUMED:
        return [mark_of_resuming(facts.get("number"), facts.get("ends"), entry.at)], []
    if kind is JournalKind.QUALIFICATION_FILED:
        return [*marks_of_qualification({**facts, "qualification_id": facts.get("qualification")})], []
    if kind is JournalKind.QUALIFICATION_ENDED:
        return [f"ended|{facts.get('qualification')}"], []
    before = facts.get("replaces")
    takes = [before] if isinstance(before, str) else []
    if kind is JournalKind.REGISTRY_IMPORTED:
        return [mark_of_registry(facts.get("registry"), facts.get("as_of"), facts.get("digest"))], takes
    return [], takes
