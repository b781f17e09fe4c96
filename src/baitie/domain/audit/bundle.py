"""The audit bundle: JSON lines that carry a piece of the journal, its checkpoints and keys to somebody else.

First the header, then each entry, each checkpoint right after the entry it speaks of. docs/reference/audit.md.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from baitie.domain.audit.canonical import HASH_DIGITS, canonical_json, count_in, digits_in, text_in, time_in
from baitie.domain.audit.chain import JournalRow
from baitie.domain.audit.checkpoint import Checkpoint
from baitie.domain.audit.signing_keys import SigningKey
from baitie.kernel.errors import InputError
from baitie.kernel.journal import JsonValue

BUNDLE_FORMAT = "baitie-audit-bundle/2"
"""The format that is written. The first had no attached verdicts, and its entries could not refer to any."""

BUNDLE_FORMATS = ("baitie-audit-bundle/1", BUNDLE_FORMAT)
LINE_OCTETS_MAX = 1 << 20
"""An entry has a few hundred octets; one with a hundred findings some tens of thousands."""

LINES_MAX = 100_000_000
KEYS_MAX = 1_000


class BundleError(InputError):
    """This is not an audit bundle, or it is damaged. Fetch it again from whoever exported it, and look at the line
    that is named."""

    code = "audit-bundle-unreadable"


@dataclass(frozen=True, slots=True)
class BundleHeader:
    """Header of an audit bundle (审计包头): whose journal, which piece of it, and the public keys.

    `previous_hash` is the hash of the entry before the first one. The organisation's name is believed only as far as
    the statement of its newest key says the same.
    """

    organisation: str
    made_at: datetime
    first_seq: int
    last_seq: int
    previous_hash: str
    entries: int
    checkpoints: int
    keys: tuple[SigningKey, ...]
    verdicts: int = 0

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {
            "type": "header",
            "format": BUNDLE_FORMAT,
            "organisation": self.organisation,
            "made_at": self.made_at.isoformat(),
            "first_seq": self.first_seq,
            "last_seq": self.last_seq,
            "previous_hash": self.previous_hash,
            "entries": self.entries,
            "checkpoints": self.checkpoints,
            "verdicts": self.verdicts,
            "keys": [key.to_json() for key in self.keys],
        }

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> "BundleHeader":
        """The inverse of `to_json`. Raises ValueError with the name of a field that cannot be right."""
        if body.get("format") not in BUNDLE_FORMATS:
            raise ValueError("format")
        return BundleHeader(
            organisation=text_in(body, "organisation"),
            made_at=time_in(body, "made_at"),
            first_seq=count_in(body, "first_seq"),
            last_seq=count_in(body, "last_seq"),
            previous_hash=digits_in(body, "previous_hash", HASH_DIGITS),
            entries=count_in(body, "entries"),
            checkpoints=count_in(body, "checkpoints"),
            keys=_keys_in(body),
            verdicts=count_in(body, "verdicts") if body["format"] == BUNDLE_FORMAT else 0,
        )


@dataclass(frozen=True, slots=True)
class AttachedVerdict:
    """Attached verdict (随附校验结论): what entries of a piece refer to, and an entry before the piece wrote down.

    Its digest stands in the entries that refer to it; so it needs no signature of its own.
    """

    verdict: Mapping[str, Any]


AuditItem: TypeAlias = AttachedVerdict | JournalRow | Checkpoint
"""What follows the header of a bundle."""


def write_bundle(header: BundleHeader, items: Iterable[AuditItem]) -> Iterator[bytes]:
    """The lines of a bundle, each with its line feed."""
    yield canonical_json(header.to_json()) + b"\n"
    for item in items:
        if isinstance(item, Checkpoint):
            yield canonical_json({"type": "checkpoint", **item.to_json()}) + b"\n"
        elif isinstance(item, AttachedVerdict):
            yield canonical_json({"type": "verdict", "verdict": item.verdict}) + b"\n"
        else:
            body = {"type": "entry", "seq": item.seq, "canonical": item.canonical, "hash": item.hash}
            yield canonical_json(body) + b"\n"


def in_order(rows: Iterable[JournalRow], checkpoints: Sequence[Checkpoint]) -> Iterator[JournalRow | Checkpoint]:
    """Rows with each checkpoint right after its entry; those of no row stand first or last."""
    waiting = iter(sorted(checkpoints, key=lambda checkpoint: checkpoint.number))
    due = next(waiting, None)
    for row in rows:
        while due is not None and due.seq < row.seq:
            yield due
            due = next(waiting, None)
        yield row
    while due is not None:
        yield due
        due = next(waiting, None)


def read_bundle_untrusted(
    lines: Iterable[bytes],
) -> tuple[BundleHeader, Iterator[AuditItem]]:
    """The header, and what follows it, read as it is asked for.

    Raises `BundleError`, also while the rest is read. Every line is bounded; hand in lines cut at
    `LINE_OCTETS_MAX` + 1 octets.
    """
    numbered = enumerate(lines, start=1)
    first = next(numbered, None)
    if first is None:
        raise BundleError(line=1, cause="empty")
    body = _json_of(*first)
    if body.get("type") != "header":
        raise BundleError(line=1, cause="header")
    try:
        header = BundleHeader.from_json(body)
    except ValueError as error:
        raise BundleError(line=1, cause=_cause(error)) from error
    return header, _read_items(numbered)


def _read_items(numbered: Iterable[tuple[int, bytes]]) -> Iterator[AuditItem]:
    for number, line in numbered:
        body = _json_of(number, line)
        try:
            match body.get("type"):
                case "entry":
                    yield _row_of(body)
                case "checkpoint":
                    yield Checkpoint.from_json(body)
                case "verdict":
                    yield _verdict_of(body)
                case _:
                    raise ValueError("type")
        except ValueError as error:
            raise BundleError(line=number, cause=_cause(error)) from error


def _row_of(body: Mapping[str, Any]) -> JournalRow:
    canonical = body.get("canonical")
    if not isinstance(canonical, str):
        raise ValueError("canonical")
    canonical.encode()  # a half of a surrogate pair is no text
    return JournalRow(count_in(body, "seq"), canonical, digits_in(body, "hash", HASH_DIGITS))


def _verdict_of(body: Mapping[str, Any]) -> AttachedVerdict:
    verdict = body.get("verdict")
    if not isinstance(verdict, dict):
        raise ValueError("verdict")
    try:
        canonical_json(verdict)  # a half of a surrogate pair is no text
    except RecursionError:
        raise ValueError("verdict") from None
    return AttachedVerdict(verdict)


def _json_of(number: int, line: bytes) -> dict[str, Any]:
    if number > LINES_MAX or len(line) > LINE_OCTETS_MAX:
        raise BundleError(line=number, cause="too long")
    try:
        body = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BundleError(line=number, cause="no JSON") from error
    if not isinstance(body, dict):
        raise BundleError(line=number, cause="no JSON object")
    return body


def _keys_in(body: Mapping[str, Any]) -> tuple[SigningKey, ...]:
    keys = body.get("keys")
    if not isinstance(keys, list) or len(keys) > KEYS_MAX or not all(isinstance(key, dict) for key in keys):
        raise ValueError("keys")
    return tuple(SigningKey.from_json(key) for key in keys)


def _cause(error: ValueError) -> str:
    return "text" if isinstance(error, UnicodeError) else str(error)[:80]
