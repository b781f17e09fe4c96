"""Standings of callees kept in memory, for a store that lets its own batches wait."""

from collections.abc import Callable, Sequence
from typing import Any

from baitie.adapters.store.rows import EncodedBatch, standing_of
from baitie.app.records.standing import CARDS_KEPT_MAX, CalleeStanding
from baitie.domain.risk.history import CalleeHistory
from baitie.kernel.ids import CalleeId

STANDINGS_MAX = 2_000
"""So many callees' rows are kept; then they are read anew, one by one. More than are on their way to a call at a time;
whoever is called again comes hours later, after some act has made all of it void."""

NO_STANDING = CalleeStanding(CalleeHistory())
_HISTORY, _CARD = 0, 7  # which rows of `Statements.standing` these are

Rows = Sequence[Sequence[Any]]


class Standings:
    """What was read of callees (现状快照), with what this store has written of them since: its own batches need not
    have reached the data base. Whatever else is written there makes all of it void."""

    __slots__ = ("_as_of", "_made", "_rows")

    def __init__(self) -> None:
        self._as_of: object = None
        self._rows: dict[str, list[Sequence[Any]]] = {}
        self._made: dict[str, CalleeStanding] = {}

    def get(self, callee_id: CalleeId, as_of: object, read: Callable[[CalleeId], Rows]) -> CalleeStanding:
        """The standing of a callee. `as_of` is another once others have written, and `read` reads the rows."""
        if as_of != self._as_of or len(self._rows) > STANDINGS_MAX:
            self._rows.clear()
            self._made.clear()
            self._as_of = as_of
        made = self._made.get(callee_id)
        if made is None:
            rows = self._rows.get(callee_id)
            if rows is None:
                rows = self._rows[callee_id] = list(read(callee_id))
            made = self._made[callee_id] = standing_of(callee_id, rows) if rows else NO_STANDING
        return made

    def wrote(self, batch: EncodedBatch) -> None:
        """This store keeps a batch. An act makes everything void by itself."""
        parts = batch.parts
        if "histories" not in parts and "cards_sent" not in parts:
            return
        for callee_id, history in parts.get("histories", ()):
            rows = self._rows.get(callee_id)
            if rows is not None:
                rows[:] = [(_HISTORY, history), *(row for row in rows if row[0] != _HISTORY)]
                self._made.pop(callee_id, None)
        for callee_id, at in parts.get("cards_sent", ()):
            rows = self._rows.get(callee_id)
            if rows is not None:
                cards = sorted([*(row[1] for row in rows if row[0] == _CARD), at])[-CARDS_KEPT_MAX:]
                rows[:] = [*(row for row in rows if row[0] != _CARD), *((_CARD, card) for card in cards)]
                self._made.pop(callee_id, None)
