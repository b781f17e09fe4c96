"""Checks a journal and its checkpoints in one pass, in the order of `seq`, with little memory."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from baitie.domain.audit.bundle import AttachedVerdict, AuditItem, BundleHeader
from baitie.domain.audit.chain import JournalRow, read_row
from baitie.domain.audit.checkpoint import Checkpoint
from baitie.domain.audit.faults import FINDINGS_MAX, AuditFault, AuditFinding, AuditVerdict
from baitie.domain.audit.remarks import RemarkTaker
from baitie.domain.audit.signing_keys import SigningKey, VerifySignature, is_well_stated, trusted_keys
from baitie.kernel.journal import GENESIS_HASH, JsonValue


@dataclass(frozen=True, slots=True)
class AuditScope:
    """Scope (审计范围): what is to be checked, and what the checker knows from elsewhere.

    `previous_hash` is the hash before the first entry. `last_seq`, counts and `organisation` are None where nobody
    stated them; the organisation must be that of the newest key's statement.
    `pinned` are public keys in hex that the checker trusts; `anchors` are hashes by `seq`, noted outside earlier.
    `written` are digests of verdicts that the checker saw entries before the first write down; those of this scope are
    added to it, for the next piece.
    """

    keys: Sequence[SigningKey]
    first_seq: int = 1
    previous_hash: str = GENESIS_HASH
    last_seq: int | None = None
    entries: int | None = None
    checkpoints: int | None = None
    verdicts: int | None = None
    organisation: str | None = None
    pinned: Collection[str] = ()
    anchors: Mapping[int, str] = field(default_factory=dict)
    written: set[bytes] = field(default_factory=set)

    @classmethod
    def of_bundle(
        cls, header: BundleHeader, pinned: Collection[str] = (), anchors: Mapping[int, str] | None = None
    ) -> "AuditScope":
        """What a bundle's header states, and what the checker brings along."""
        return cls(
            keys=header.keys,
            first_seq=header.first_seq,
            previous_hash=header.previous_hash,
            last_seq=header.last_seq,
            entries=header.entries,
            checkpoints=header.checkpoints,
            verdicts=header.verdicts,
            organisation=header.organisation,
            pinned=pinned,
            anchors=anchors or {},
        )


SIGNATURES_WRONG_MAX = 100
"""After so many wrong signatures no further one is tried: each takes time, and nothing is whole any more."""


def verify_audit(scope: AuditScope, items: Iterable[AuditItem], verify: VerifySignature) -> AuditVerdict:
    """The verdict over rows and checkpoints, a checkpoint following the row that it speaks of."""
    check = _Check(scope, verify)
    for item in items:
        if isinstance(item, JournalRow):
            check.on_row(item)
        elif isinstance(item, Checkpoint):
            check.on_checkpoint(item)
        else:
            check.on_verdict(item)
    return check.finish()


class _Check:
    def __init__(self, scope: AuditScope, verify: VerifySignature) -> None:
        self._scope, self._verify = scope, verify
        self._remarks = RemarkTaker(scope.written)
        self._verdicts = 0
        self._signatures_wrong = 0
        self._found: list[AuditFinding] = []
        self._found_more = 0
        self._seq, self._hash = scope.first_seq - 1, scope.previous_hash
        self._rows = 0
        self._checkpoints = 0
        self._last: Checkpoint | None = None
        self._sealed: Checkpoint | None = None
        self._ahead: Checkpoint | None = None  # over entries that are not here yet
        self._anchors_met: set[int] = set()
        self._used_keys: Counter[str] = Counter()
        self._key_of: dict[str, SigningKey] = {key.key_id: key for key in scope.keys}
        self._check_keys()
        if self._seq == 0 and self._hash != GENESIS_HASH:
            self._find(AuditFault.LINK_BROKEN, seq=1)
        self._meet_anchor()

    def _find(
        self,
        fault: AuditFault,
        *,
        seq: int | None = None,
        checkpoint: int | None = None,
        key_id: str | None = None,
        **values: JsonValue,
    ) -> None:
        if len(self._found) < FINDINGS_MAX:
            self._found.append(AuditFinding(fault, seq, checkpoint, key_id, values))
        else:
            self._found_more += 1

    # Keys

    def _check_keys(self) -> None:
        keys, pinned = self._scope.keys, self._scope.pinned
        stated = []
        for place, key in enumerate(keys):
            if self._signatures_wrong < SIGNATURES_WRONG_MAX and is_well_stated(keys, place, self._verify):
                stated.append(key)
            else:
                self._note_wrong_signature()
                self._find(AuditFault.KEY_STATEMENT_WRONG, key_id=key.key_id)
        self._trusted = trusted_keys(stated, pinned, self._verify)
        said = self._scope.organisation
        if keys and said is not None and said != keys[-1].organisation:
            self._find(AuditFault.ORGANISATION_DISAGREES, key_id=keys[-1].key_id)

    def _is_signed(self, checkpoint: Checkpoint) -> bool:
        key = self._key_of.get(checkpoint.key_id)
        number = checkpoint.number
        if key is None:
            self._find(AuditFault.KEY_UNKNOWN, checkpoint=number, seq=checkpoint.seq, key_id=checkpoint.key_id)
            return False
        if self._signatures_wrong >= SIGNATURES_WRONG_MAX:
            return False
        public, signature = bytes.fromhex(key.public_key), bytes.fromhex(checkpoint.signature)
        if not self._verify(public, checkpoint.signed_bytes(), signature):
            self._find(AuditFault.SIGNATURE_WRONG, checkpoint=number, seq=checkpoint.seq, key_id=key.key_id)
            self._note_wrong_signature()
            return False
        self._used_keys[key.key_id] += 1
        if key.public_key not in self._trusted:
            if self._used_keys[key.key_id] == 1:
                self._find(AuditFault.KEY_NOT_TRUSTED, checkpoint=number, seq=checkpoint.seq, key_id=key.key_id)
            return False
        return True

    def _note_wrong_signature(self) -> None:
        self._signatures_wrong += 1
        if self._signatures_wrong == SIGNATURES_WRONG_MAX:
            self._find(AuditFault.SIGNATURES_TOO_MANY, tried=SIGNATURES_WRONG_MAX)

    # Verdicts that came along

    def on_verdict(self, attached: AttachedVerdict) -> None:
        self._verdicts += 1
        self._remarks.attach(attached.verdict)

    # Rows

    def on_row(self, row: JournalRow) -> None:
        expected = self._seq + 1
        self._rows += 1
        if row.seq < expected:
            self._find(AuditFault.ROW_ORDER, seq=row.seq)
            return
        if row.seq > expected:
            self._find(AuditFault.ROW_MISSING, seq=expected, until=row.seq - 1)
        else:
            said = read_row(row, self._hash)
            fault = said if isinstance(said, AuditFault) else self._remarks.on_entry(row.seq, said)
            if fault is not None:
                self._find(fault, seq=row.seq)
        # Go on from what the row itself says, so that each later fault is found at its own place.
        self._seq, self._hash = row.seq, row.hash
        self._meet_anchor()

    def _meet_anchor(self) -> None:
        noted = self._scope.anchors.get(self._seq)
        if noted is not None:
            self._anchors_met.add(self._seq)
            if noted != self._hash:
                self._find(AuditFault.ANCHOR_DISAGREES, seq=self._seq)

    # Checkpoints

    def on_checkpoint(self, checkpoint: Checkpoint) -> None:
        self._checkpoints += 1
        self._check_link(checkpoint)
        self._last = checkpoint
        if not self._is_signed(checkpoint):
            return
        if checkpoint.seq > self._seq:
            self._ahead = checkpoint
        else:
            self._compare(checkpoint)

    def _check_link(self, checkpoint: Checkpoint) -> None:
        last, number = self._last, checkpoint.number
        is_partial = self._scope.first_seq > 1
        expected = last.number + 1 if last is not None else number if is_partial and number > 1 else 1
        if number != expected:
            self._find(AuditFault.CHECKPOINT_MISSING, checkpoint=expected, seq=checkpoint.seq, found=number)
        elif last is not None or number == 1:
            previous = GENESIS_HASH if last is None else last.digest()
            if checkpoint.previous != previous:
                self._find(AuditFault.CHECKPOINT_LINK_BROKEN, checkpoint=number, seq=checkpoint.seq)

    def _compare(self, checkpoint: Checkpoint) -> None:
        number, seq = checkpoint.number, checkpoint.seq
        if seq != self._seq:
            self._find(AuditFault.CHECKPOINT_MISPLACED, checkpoint=number, seq=seq)
        elif checkpoint.hash != self._hash:
            sealed_before = self._sealed.seq if self._sealed is not None else self._scope.first_seq - 1
            self._find(AuditFault.CHECKPOINT_DISAGREES, checkpoint=number, seq=seq, after_seq=sealed_before)
        else:
            self._sealed = checkpoint

    # End

    def finish(self) -> AuditVerdict:
        scope = self._scope
        ahead = self._ahead
        if ahead is not None and ahead.seq > self._seq:
            self._find(AuditFault.END_CUT_OFF, checkpoint=ahead.number, seq=self._seq + 1, until=ahead.seq)
        elif ahead is not None:
            self._find(AuditFault.CHECKPOINT_MISPLACED, checkpoint=ahead.number, seq=ahead.seq)
        elif scope.last_seq is not None and scope.last_seq != self._seq:
            self._find(AuditFault.END_CUT_OFF, seq=self._seq + 1, until=scope.last_seq)
        for name, stated, counted in (
            ("entries", scope.entries, self._rows),
            ("checkpoints", scope.checkpoints, self._checkpoints),
            ("verdicts", scope.verdicts, self._verdicts),
        ):
            if stated is not None and stated != counted:
                self._find(AuditFault.COUNT_WRONG, of=name, stated=stated, counted=counted)
        for seq in sorted(scope.anchors.keys() - self._anchors_met):
            self._find(AuditFault.ANCHOR_NOT_COVERED, seq=seq)
        remarks, unasked = self._remarks.finish()
        for digest in unasked:
            self._find(AuditFault.VERDICT_UNASKED, digest=digest)
        sealed = self._sealed
        is_bundle = scope.entries is not None
        if (
            is_bundle and scope.pinned and (sealed is None or sealed.seq == 0) and not self._found
        ):  # anybody can chain entries
            self._find(AuditFault.NOTHING_SIGNED)
        return AuditVerdict(
            entries=self._rows,
            first_seq=scope.first_seq,
            last_seq=self._seq,
            last_hash=self._hash,
            checkpoints=self._checkpoints,
            sealed_until_seq=sealed.seq if sealed is not None else 0,
            sealed_at=sealed.signed_at if sealed is not None else None,
            key_ids=tuple(key.key_id for key in scope.keys if self._used_keys[key.key_id]),
            is_pinned=bool(scope.pinned),
            findings=tuple(self._found),
            findings_more=self._found_more,
            remarks=remarks,
        )
