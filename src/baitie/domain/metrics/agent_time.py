"""How agents spent their time, from the journal: whole seconds by state, and how long answered callees waited."""

from collections import Counter
from collections.abc import Iterable, Mapping

from baitie.kernel.journal import JournalEntry, JournalKind

BUSY = ("talking", "wrap_up")
AT_WORK = ("ready", "reserved", "ringing", *BUSY)
LOGGED_IN = (*AT_WORK, "away")

_NOT_AT_WORK = "offline"


def ms_by_state(journal: Iterable[JournalEntry]) -> Counter[str]:
    """Milliseconds that agents spent in each state they have left; being logged out counts nothing."""
    lasted_ms: Counter[str] = Counter()
    for entry in journal:
        if entry.kind is JournalKind.AGENT_STATE_CHANGED:
            before, length_ms = entry.facts.get("before"), entry.facts.get("lasted_ms")
            if isinstance(before, str) and isinstance(length_ms, int) and before != _NOT_AT_WORK:
                lasted_ms[before] += length_ms
    return lasted_ms


def seconds_by_state(journal: Iterable[JournalEntry]) -> Mapping[str, int]:
    """The same in whole seconds."""
    return {state: round(length_ms / 1000) for state, length_ms in ms_by_state(journal).items()}


def waits_ms(journal: Iterable[JournalEntry]) -> list[float]:
    """For each call that an agent took: milliseconds from the answer until the agent was on the line."""
    waits = [
        entry.facts.get("answer_to_agent_ms") for entry in journal if entry.kind is JournalKind.AGENT_STATE_CHANGED
    ]
    return [wait for wait in waits if isinstance(wait, int)]
