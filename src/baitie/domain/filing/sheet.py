"""Sheets for carriers (报备表): what is handed in, and the answers that come back, as rows of text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from baitie.domain.filing.register import Filing
from baitie.domain.filing.states import FilingAct
from baitie.kernel.errors import InputError

COLUMNS = (
    "filing_id", "kind", "name", "version", "carrier", "channel", "state", "sign", "text", "slots", "purposes",
    "owner", "content_sha256", "answer", "reference", "valid_until", "refusal_code",
)  # fmt: skip
"""Headings of a sheet. A carrier fills the last four; `answer` is one of `ANSWERS`."""

ANSWERS = {
    "approve": FilingAct.APPROVE,
    "approved": FilingAct.APPROVE,
    "refuse": FilingAct.REFUSE,
    "refused": FilingAct.REFUSE,
    "通过": FilingAct.APPROVE,
    "驳回": FilingAct.REFUSE,
}
"""The words that a carrier may answer with, in any case."""


class FilingSheetError(InputError):
    """This sheet of a carrier's answers cannot be read. Mend the row that is named, and import it again."""

    code = "filing-sheet-invalid"


@dataclass(frozen=True, slots=True)
class CarrierAnswer:
    """Carrier's answer (运营商答复) to one filing."""

    row: int
    filing_id: str
    act: FilingAct
    reference: str
    refusal_code: str
    valid_until: datetime | None


def sheet_rows(filings: Iterable[Filing], at: datetime) -> list[tuple[str, ...]]:
    """The heading and a row for each filing. Texts that a spreadsheet would take for a formula get a quote in front."""
    rows: list[tuple[str, ...]] = [COLUMNS]
    for filing in filings:
        facts = filing.subject.facts
        slots = facts.get("slots")
        cells = {
            "filing_id": filing.filing_id,
            "kind": filing.subject.kind.value,
            "name": filing.subject.name,
            "version": filing.subject.version or "",
            "carrier": filing.carrier,
            "channel": filing.channel,
            "state": filing.state_at(at).value,
            "sign": str(facts.get("sign", "")),
            "text": str(facts.get("text", "")),
            "slots": _slots_text(slots) if isinstance(slots, dict) else "",
            "purposes": " ".join(filing.subject.words("purposes")) or str(facts.get("purpose", "")),
            "owner": str(facts.get("owner", facts.get("enterprise", ""))),
            "content_sha256": filing.subject.content_hash,
            "reference": filing.reference,
            "valid_until": "" if filing.valid_until is None else filing.valid_until.isoformat(),
            "refusal_code": filing.refusal_code,
        }
        rows.append(tuple(_inert(cells.get(column, "")) for column in COLUMNS))
    return rows


def read_answers(header: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]]) -> list[CarrierAnswer]:
    """The answers in a sheet; rows without one are left out. Raises `FilingSheetError`.

    `valid_until` is an ISO time with its zone.
    """
    places = {name.strip().casefold(): place for place, name in enumerate(header)}
    for needed in ("filing_id", "answer"):
        if needed not in places:
            raise FilingSheetError(column=needed)
    answers = []
    for row, cells in rows:
        told = {name: cells[place].strip() for name, place in places.items() if place < len(cells)}
        if not told.get("answer"):
            continue
        act = ANSWERS.get(told["answer"].casefold())
        if act is None:
            raise FilingSheetError(row=row, column="answer", found=told["answer"][:40], expected=", ".join(ANSWERS))
        until = _until(row, told.get("valid_until", ""))
        answers.append(
            CarrierAnswer(
                row, told.get("filing_id", ""), act, told.get("reference", ""), told.get("refusal_code", ""), until
            )
        )
    return answers


def _until(row: int, text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise FilingSheetError(row=row, column="valid_until", found=text[:40]) from error
    if found.tzinfo is None:
        raise FilingSheetError(row=row, column="valid_until", found=text[:40])
    return found


def _slots_text(slots: Mapping[str, object]) -> str:
    shown = []
    for name, spec in slots.items():
        about = spec if isinstance(spec, dict) else {}
        shown.append(f"{name}: {about.get('type', '')} <= {about.get('units_max', '')}")
    return "; ".join(shown)


def _inert(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
