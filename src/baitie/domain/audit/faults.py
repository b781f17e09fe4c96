"""What a check of journal and checkpoints may find, and what it comes to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from baitie.kernel.journal import JsonValue

FINDINGS_MAX = 100
"""More than that say nothing more: the rest is counted."""


class AuditFault(StrEnum):
    """Kind of fault (审计问题) in a journal, its checkpoints or its keys."""

    ROW_MISSING = "row-missing"
    ROW_ORDER = "row-order"
    LINK_BROKEN = "link-broken"
    CONTENT_ALTERED = "content-altered"
    COLUMNS_ALTERED = "columns-altered"
    COUNT_WRONG = "count-wrong"
    END_CUT_OFF = "end-cut-off"
    CHECKPOINT_MISSING = "checkpoint-missing"
    CHECKPOINT_LINK_BROKEN = "checkpoint-link-broken"
    CHECKPOINT_DISAGREES = "checkpoint-disagrees"
    CHECKPOINT_MISPLACED = "checkpoint-misplaced"
    SIGNATURE_WRONG = "signature-wrong"
    KEY_UNKNOWN = "key-unknown"
    KEY_NOT_TRUSTED = "key-not-trusted"
    KEY_STATEMENT_WRONG = "key-statement-wrong"
    ORGANISATION_DISAGREES = "organisation-disagrees"
    ANCHOR_DISAGREES = "anchor-disagrees"
    ANCHOR_NOT_COVERED = "anchor-not-covered"
    FORMAT_UNKNOWN = "format-unknown"
    VERDICT_MISSING = "verdict-missing"
    VERDICT_DIFFERS = "verdict-differs"
    VERDICT_UNASKED = "verdict-unasked"
    SIGNATURES_TOO_MANY = "signatures-too-many"
    NOTHING_SIGNED = "nothing-signed"
    TABLE_DIFFERS = "table-differs"


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """Finding (审计发现): what is wrong, and where: an entry's `seq`, a checkpoint's number, or a key id."""

    fault: AuditFault
    seq: int | None = None
    checkpoint: int | None = None
    key_id: str | None = None
    values: Mapping[str, JsonValue] = field(default_factory=dict)

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {
            "fault": self.fault.value,
            "seq": self.seq,
            "checkpoint": self.checkpoint,
            "key_id": self.key_id,
            "values": dict(self.values),
        }


@dataclass(frozen=True, slots=True)
class AuditRemarks:
    """Audit remarks (审计说明): what a journal says of itself that is no fault.

    `formats` counts entries by format, `carriers` calls by the kind of carrier, `runs` are beginnings of runs with
    what they stood on, `clock_back` places where civil time went back by more than seconds,
    `newest_at` the civil time of the newest entry, as it states it.
    """

    formats: Mapping[int, int] = field(default_factory=dict)
    carriers: Mapping[str, int] = field(default_factory=dict)
    runs: tuple[Mapping[str, JsonValue], ...] = ()
    runs_more: int = 0
    clock_back: tuple[Mapping[str, JsonValue], ...] = ()
    clock_back_more: int = 0
    newest_at: str | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {
            "formats": {str(number): count for number, count in sorted(self.formats.items())},
            "carriers": dict(sorted(self.carriers.items())),
            "runs": [dict(run) for run in self.runs],
            "clock_back": [dict(place) for place in self.clock_back],
            "newest_at": self.newest_at,
            "remarks_more": {"runs": self.runs_more, "clock_back": self.clock_back_more},
        }


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """Audit verdict (审计结论): what was checked and every fault found.

    `sealed_until_seq` is the newest entry that a good checkpoint covers: what comes after it is chained, but its end
    could be cut off unseen. `is_pinned` says whether a key was given from outside.
    """

    entries: int
    first_seq: int
    last_seq: int
    last_hash: str
    checkpoints: int
    sealed_until_seq: int
    sealed_at: datetime | None
    key_ids: tuple[str, ...]
    is_pinned: bool
    findings: tuple[AuditFinding, ...]
    findings_more: int = 0
    remarks: AuditRemarks = field(default_factory=AuditRemarks)

    def with_findings(self, more: Iterable[AuditFinding]) -> "AuditVerdict":
        """The same with further findings, of which no more than `FINDINGS_MAX` are named in all."""
        named, count = list(self.findings), self.findings_more
        for finding in more:
            if len(named) < FINDINGS_MAX:
                named.append(finding)
            else:
                count += 1
        return replace(self, findings=tuple(named), findings_more=count)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def unsealed(self) -> int:
        """How many entries come after the last good checkpoint."""
        return max(0, self.last_seq - max(self.sealed_until_seq, self.first_seq - 1))

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {
            "is_whole": self.is_whole,
            "entries": self.entries,
            "first_seq": self.first_seq,
            "last_seq": self.last_seq,
            "last_hash": self.last_hash,
            "checkpoints": self.checkpoints,
            "sealed_until_seq": self.sealed_until_seq,
            "sealed_at": None if self.sealed_at is None else self.sealed_at.isoformat(),
            "unsealed": self.unsealed,
            "key_ids": list(self.key_ids),
            "is_pinned": self.is_pinned,
            "findings": [finding.to_json() for finding in self.findings],
            "findings_more": self.findings_more,
            **self.remarks.to_json(),
        }
