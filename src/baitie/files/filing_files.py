"""Filings of an organisation: its register file, what its files declare, and sheets for carriers."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from baitie.app.campaign.campaign import Campaign
from baitie.app.campaign.filing_plan import FilingPlan, act_upon, filed_card
from baitie.app.ports.filing_book import FilingBook
from baitie.domain.contacts import ContactFileError, read_table_untrusted
from baitie.domain.contacts.bounds import FILE_BYTES_MAX
from baitie.domain.filing import (
    FiledDocument,
    FiledSubject,
    Filing,
    FilingEvent,
    FilingReason,
    FilingRefusal,
    FilingSheetError,
    FilingState,
    RealNameTier,
    brand,
    presented_number,
    read_answers,
    script,
    sheet_rows,
)
from baitie.domain.namecard import NameCardTemplate, Severity, with_sign
from baitie.domain.namecard.library import anything
from baitie.domain.voicebot.script import parse_script
from baitie.files.bounded_files import read_within, write_private
from baitie.files.card_files import card_by_id, finding_problems, lint_fully, read_template_file
from baitie.files.organisation_settings import OrganisationSettings
from baitie.files.problems import Problem, SettingsError
from baitie.files.toml_files import read_toml
from baitie.kernel.errors import BaitieError
from baitie.kernel.foreign_text import csv_text
from baitie.kernel.phone import PhoneNumber, PhoneNumberError
from baitie.kernel.purpose import NumberClass, Purpose

_Word = TypeVar("_Word", bound=StrEnum)


def why_unfiled(filings: FilingPlan | None, at: datetime) -> Callable[[NameCardTemplate], str]:
    """Why a template under its sign may not be used as far as its own filing goes: "" where it may."""
    if filings is None:
        return anything
    register = filings.book.read()

    def why(card: NameCardTemplate) -> str:
        mine = register.by_hash.get(filed_card(card).content_hash, ())
        where = filings.carrier, card.channel.value
        states = [each.state_at(at) for each in mine if (each.carrier, each.channel) == where]
        if FilingState.APPROVED in states:
            return ""
        return f"filing-{states[-1].value}" if states else FilingReason.TEXT_NOT_FILED.value

    return why


def check_filed(campaign: Campaign, at: datetime) -> None:
    """Refuse a campaign whose card no presented number may go with at `at`. Raises `SettingsError`."""
    unfiled = unfiled_numbers(campaign, at)
    if unfiled and len(unfiled) == len(campaign.presented_numbers):
        raise SettingsError([problem for problems in unfiled.values() for problem in problems])


def unfiled_numbers(campaign: Campaign, at: datetime) -> dict[PhoneNumber, list[Problem]]:
    """The presented numbers that no run shows at `at`, each with what its filings lack; none without a register."""
    plan, card = campaign.filing, campaign.card
    if plan is None or card is None:
        return {}
    values = dict.fromkeys(card.template.slots, "0")
    verdicts = [(each.number, plan.ask(card.template, values, each.number, at)) for each in campaign.presented_numbers]
    return {
        number: [
            Problem("baitie.toml", "filing", f"filing:reason.{reason.value}", None, {"number": number.e164()})
            for reason in verdict.reasons
        ]
        for number, verdict in verdicts
        if not verdict.may_send
    }


def card_subject(named: str, sign: str) -> tuple[FiledSubject, str]:
    """A card by its file or its id in the library, wholly checked, and its channel. Raises `SettingsError`."""
    file = Path(named)
    card = read_template_file(file) if file.is_file() else with_sign(card_by_id(named), sign)
    errors = [finding for finding in lint_fully(card, sign) if finding.severity is Severity.ERROR]
    if errors:
        raise SettingsError(finding_problems(errors, file.name))
    return filed_card(card), card.channel.value


def script_subject(file: Path) -> FiledSubject:
    """A script by the bytes of its file. Raises `SettingsError`."""
    table, _ = read_toml(file)
    try:
        read = parse_script(table, file.name)
    except BaitieError as error:
        raise SettingsError([Problem(file.name, "", "script-invalid", None, {"reason": str(error)})]) from error
    return script(read.script_id, read.version, hashlib.sha256(file.read_bytes()).hexdigest())


def brand_subject(
    settings: OrganisationSettings, sign: str, tier: RealNameTier, documents: Sequence[tuple[str, Path]]
) -> FiledSubject:
    """The brand of the enterprise with the hashes of its documents. Raises `SettingsError`."""
    shown = []
    for kind, file in documents:
        try:
            shown.append(FiledDocument(kind, hashlib.sha256(file.read_bytes()).hexdigest(), file.name))
        except OSError as error:
            details = {"reason": error.strerror or "?"}
            raise SettingsError([Problem(file.name, "", "file-unreadable", None, details)]) from error
    return brand(sign, settings.enterprise.name, tier, shown)


def tier_of(text: str) -> RealNameTier:
    """A real-name tier by its name. Raises `SettingsError`."""
    return _one_of(RealNameTier, text, "--tier")


def number_subject(
    settings: OrganisationSettings, e164: str, number_class: str, owner: str | None, purposes: Sequence[str]
) -> FiledSubject:
    """A presented number with what it is filed for. Raises `SettingsError`."""
    try:
        number = PhoneNumber(e164)
    except PhoneNumberError as error:
        raise SettingsError([Problem("", "--number", "number-invalid", None, {"value": e164})]) from error
    if not purposes:
        raise SettingsError([Problem("", "--purpose", "missing", None, {})])
    return presented_number(
        number.e164(),
        _one_of(NumberClass, number_class, "--class"),
        owner or settings.enterprise.name,
        [_one_of(Purpose, purpose, "--purpose") for purpose in purposes],
    )


def _one_of(kind: type[_Word], text: str, place: str) -> _Word:
    try:
        return kind(text)
    except ValueError:
        details = {"value": text, "expected": ", ".join(kind)}
        raise SettingsError([Problem("", place, "not-one-of", None, details)]) from None


def write_sheet(file: Path, filings: Sequence[Filing], at: datetime) -> None:
    """A sheet for a carrier as CSV in UTF-8, as spreadsheets open it. Raises `FilingSheetError`."""
    try:
        write_private(file, csv_text(sheet_rows(filings, at)))
    except OSError as error:
        raise FilingSheetError("The sheet cannot be written.", path=str(file), cause=error.strerror) from error


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """What became of one row of a sheet (导入结果)."""

    row: int
    filing_id: str
    done: FilingEvent | FilingRefusal


def import_answers(book: FilingBook, file: Path, actor: str, at: datetime) -> list[AnsweredRow]:
    """Record a carrier's answers from CSV or XLSX. Raises `FilingSheetError`, `FilingRegisterError`.

    Rows stand for themselves: one that is refused does not hold up the others, and may be imported again.
    """
    try:
        table = read_table_untrusted(read_within(file, FILE_BYTES_MAX), file.name)
    except OSError as error:
        raise FilingSheetError("The sheet cannot be read.", path=str(file), cause=error.strerror) from error
    except ContactFileError as error:
        raise FilingSheetError(path=file.name, found=error.fault.value) from error
    answers = read_answers(table.header, [(row.row, row.cells) for row in table.rows])
    done = []
    for answer in answers:
        event = FilingEvent(
            answer.act,
            answer.filing_id,
            actor,
            at,
            reference=answer.reference,
            refusal_code=answer.refusal_code,
            valid_until=answer.valid_until,
        )
        done.append(AnsweredRow(answer.row, answer.filing_id, act_upon(book, event)))
    return done
