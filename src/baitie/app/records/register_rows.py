"""Rows and events of registers, as the store gives them for comparison."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from baitie.kernel.journal import JournalEntry

AFTER_THE_LAST = 1 << 52
"""A place in the journal that no entry comes after."""


@dataclass(frozen=True, slots=True)
class RegisterEvents:
    """What changed registers (登记变动) after a place: entries with their texts; and the newest entry of all."""

    seq: int
    hash: str
    entries: tuple[tuple[int, JournalEntry, str], ...]


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """Row of a register (登记行), reduced to what is compared. `key` is its id, `content` its record if it has one."""

    kind: str  # refusal, freeze, block, preference, consent, complaint
    key: str
    callee_id: str
    mark: str
    is_lifted: bool = False
    content: Mapping[str, Any] = field(default_factory=dict)
