"""The register as lines of JSON, each with the hash of the line before, so that a changed past does not read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from baitie.domain.filing.register import FilingEvent, FilingRefusal, FilingRegister, fold
from baitie.domain.filing.states import FilingAct
from baitie.domain.filing.subjects import FiledSubject, SubjectKind
from baitie.kernel.errors import InputError
from baitie.kernel.journal import GENESIS_HASH, JsonValue, link_hash

REGISTER_OCTETS_MAX = 64 * 1024 * 1024
EVENTS_MAX = 100_000
"""Far more than an enterprise files in its life: a longer file is something else."""


class FilingRegisterError(InputError):
    """The filing register cannot be read: a line was changed, lost or is no event. Restore the file from a copy."""

    code = "filing-register-invalid"

    def __init__(self, file: str, line: int, found: str) -> None:
        super().__init__(None, file=file, line=line, found=found)


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """Register file (报备记录文件) as read: the register and the hash that the next line names."""

    register: FilingRegister
    last_hash: str = GENESIS_HASH
    lines: int = 0


def event_line(event: FilingEvent, previous_hash: str) -> bytes:
    """One line for an event, with its end."""
    body = _body(event)
    link = link_hash(previous_hash, _canonical(body))
    return _canonical({**body, "previous": previous_hash, "hash": link}) + b"\n"


def read_register_untrusted(data: bytes, file_name: str) -> RegisterFile:
    """The register in the bytes of its file. Raises `FilingRegisterError`.

    A last line without its end is what a crash left of an append: it was never kept, and is not read.
    """
    if len(data) > REGISTER_OCTETS_MAX:
        raise FilingRegisterError(file_name, 0, "too large")
    lines = data.split(b"\n")[:-1]
    if len(lines) > EVENTS_MAX:
        raise FilingRegisterError(file_name, 0, "too many lines")
    events: list[FilingEvent] = []
    previous = GENESIS_HASH
    for number, line in enumerate(lines, 1):
        try:
            body = json.loads(line)
            link = body.pop("hash")
            named, event = body.pop("previous"), _event(body)
            is_whole = named == previous and link == link_hash(previous, _canonical(body))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise FilingRegisterError(file_name, number, f"{type(error).__name__}: {error}"[:200]) from error
        if not is_whole:
            raise FilingRegisterError(file_name, number, "the chain is broken")
        previous = link
        events.append(event)
    register = fold(events)
    if isinstance(register, FilingRefusal):
        raise FilingRegisterError(file_name, 0, register.code.value)
    return RegisterFile(register, previous, len(lines))


def _canonical(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _body(event: FilingEvent) -> dict[str, JsonValue]:
    body: dict[str, JsonValue] = {
        "act": event.act.value,
        "filing_id": event.filing_id,
        "actor": event.actor,
        "at": event.at.isoformat(),
    }
    if event.subject is not None:
        subject = event.subject
        body["subject"] = {"kind": subject.kind.value, "name": subject.name, "facts": dict(subject.facts)}
    for key in ("carrier", "channel", "reference", "refusal_code"):
        if value := getattr(event, key):
            body[key] = value
    if event.valid_until is not None:
        body["valid_until"] = event.valid_until.isoformat()
    return body


def _event(body: Mapping[str, Any]) -> FilingEvent:
    subject, until = body.get("subject"), body.get("valid_until")
    texts = {key: _text(body.get(key, "")) for key in ("carrier", "channel", "reference", "refusal_code")}
    return FilingEvent(
        FilingAct(body["act"]),
        _text(body["filing_id"]),
        _text(body["actor"]),
        _time(body["at"]),
        None if subject is None else _subject(subject),
        **texts,
        valid_until=None if until is None else _time(until),
    )


def _subject(table: Mapping[str, Any]) -> FiledSubject:
    facts = table["facts"]
    if not isinstance(facts, dict):
        raise TypeError("facts are no table")
    return FiledSubject(SubjectKind(table["kind"]), _text(table["name"]), facts)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    value.encode()  # a lone surrogate is no text
    return value


def _time(value: Any) -> datetime:
    found = datetime.fromisoformat(_text(value))
    if found.tzinfo is None:
        raise ValueError("a time without a zone")
    return found
