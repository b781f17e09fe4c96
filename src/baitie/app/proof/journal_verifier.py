"""Keeps an eye on the journal's soundness, piece by piece, so that no reader has to wait for the whole of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from baitie.app.ports.audit_store import AuditStore
from baitie.domain.audit import AuditScope, VerifySignature, in_order, verify_audit
from baitie.kernel.journal import GENESIS_HASH

ROWS_PER_LOOK_MAX = 1_000
"""Some ten milliseconds' work: so much is checked before others have their turn."""


@dataclass(frozen=True, slots=True)
class Soundness:
    """Soundness (日志完好情况) as far as it was looked at; fulfils `baitie.app.page.callee_page.VerificationState`."""

    checked_until_seq: int = 0
    sealed_until_seq: int = 0
    sealed_at: datetime | None = None
    key_id: str | None = None
    is_broken: bool = False


class IncrementalVerifier:
    """Verifier (审计日志核验). `look` checks what came since the last look; it blocks and belongs in a thread.

    What was found broken stays broken until somebody has looked into it and started anew.
    """

    def __init__(self, store: AuditStore, verify: VerifySignature, pinned: Collection[str] = ()) -> None:
        self._store, self._verify, self._pinned = store, verify, pinned
        self._hash = GENESIS_HASH
        self._verdicts: set[bytes] = set()  # entries refer to verdicts that earlier ones wrote
        self.state = Soundness()

    @property
    def checked_until_seq(self) -> int:
        """The last entry that was looked at."""
        return self.state.checked_until_seq

    @property
    def sealed_until_seq(self) -> int:
        """The last entry under a signed checkpoint."""
        return self.state.sealed_until_seq

    @property
    def sealed_at(self) -> datetime | None:
        """When the newest checkpoint was signed."""
        return self.state.sealed_at

    @property
    def key_id(self) -> str | None:
        """The key that signed it."""
        return self.state.key_id

    @property
    def is_broken(self) -> bool:
        """Whether anything was found that contradicts itself."""
        return self.state.is_broken

    def look(self) -> bool:
        """Check at most `ROWS_PER_LOOK_MAX` further entries; True when there is more. Raises `StoreError`."""
        state = self.state
        checkpoints = [each for each in self._store.checkpoints() if each.seq > state.sealed_until_seq]
        tail = self._store.journal_tail()
        if state.is_broken or tail is None:
            return False
        first_seq = state.checked_until_seq + 1
        last_seq = min(tail.seq, state.checked_until_seq + ROWS_PER_LOOK_MAX)
        due = [each for each in checkpoints if first_seq <= each.seq <= last_seq]
        late = [each for each in checkpoints if each.seq < first_seq]
        if late:
            # Signed after its entry was checked: go back to where the last checkpoint stood, and come here again.
            self._restart()
            return True
        if first_seq > last_seq:
            return False
        scope = AuditScope(
            keys=self._store.signing_keys(),
            first_seq=first_seq,
            previous_hash=self._hash,
            pinned=self._pinned,
            written=self._verdicts,
        )
        rows = self._store.journal_rows(first_seq, last_seq)
        verdict = verify_audit(scope, in_order(rows, due), self._verify)
        self._hash = verdict.last_hash
        newest = max(due, key=lambda each: each.number, default=None)
        self.state = Soundness(
            checked_until_seq=verdict.last_seq,
            sealed_until_seq=verdict.sealed_until_seq or state.sealed_until_seq,
            sealed_at=verdict.sealed_at or state.sealed_at,
            key_id=state.key_id if newest is None else newest.key_id,
            is_broken=bool(verdict.findings),
        )
        return last_seq < tail.seq

    def _restart(self) -> None:
        """Begin behind the newest checkpoint that was met; what it sealed stays sealed."""
        state = self.state
        sealed = next(
            (each for each in reversed(self._store.checkpoints()) if each.seq == state.sealed_until_seq), None
        )
        self._hash = GENESIS_HASH if sealed is None else sealed.hash
        self.state = Soundness(
            0 if sealed is None else sealed.seq,
            0 if sealed is None else sealed.seq,
            state.sealed_at,
            state.key_id,
        )
