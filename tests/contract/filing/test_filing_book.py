"""The register's file: appends are durable and exclusive, a crash loses no more than what was not kept."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from baitie.adapters.filing import FilingBookFile
from baitie.app.campaign.filing_plan import act_upon, add_filing
from baitie.domain.filing import (
    FilingAct,
    FilingEvent,
    FilingRefusal,
    FilingRefusalCode,
    FilingRegister,
    FilingRegisterError,
    FilingState,
    script,
)

AT = datetime(2026, 3, 3, 10, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "filing.jsonl"


def add(book: FilingBookFile, name: str, actor: str = "ann") -> FilingEvent:
    done = add_filing(book, script(name, "1", "0" * 64), "default", "voice", actor, AT)
    assert isinstance(done, FilingEvent)
    return done


def test_a_register_without_a_file_is_empty(file: Path) -> None:
    assert FilingBookFile(file).read().filings == {}
    assert not file.exists()


def test_what_one_book_keeps_another_reads(file: Path) -> None:
    one, other = FilingBookFile(file), FilingBookFile(file)
    assert other.read().filings == {}
    event = add(one, "a")
    assert list(other.read().filings) == [event.filing_id]
    act_upon(other, FilingEvent(FilingAct.SUBMIT, event.filing_id, "ann", AT))
    assert one.read().filings[event.filing_id].state is FilingState.SUBMITTED


def test_the_file_is_for_its_owner_only(file: Path) -> None:
    add(FilingBookFile(file), "a")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_refused_act_leaves_no_line(file: Path) -> None:
    book = FilingBookFile(file)
    event = add(book, "a")
    before = file.read_bytes()
    done = act_upon(book, FilingEvent(FilingAct.APPROVE, event.filing_id, "bo", AT, reference="R"))
    assert isinstance(done, FilingRefusal)
    assert file.read_bytes() == before


def test_an_id_may_be_shortened_while_it_is_clear(file: Path) -> None:
    book = FilingBookFile(file)
    event = add(book, "a")
    done = act_upon(book, FilingEvent(FilingAct.SUBMIT, event.filing_id[:6], "ann", AT))
    assert isinstance(done, FilingEvent)
    add(book, "b")
    unclear = act_upon(book, FilingEvent(FilingAct.SUBMIT, "fl_", "ann", AT))
    assert isinstance(unclear, FilingRefusal)
    assert unclear.code is FilingRefusalCode.FILING_UNKNOWN


def test_half_a_line_of_a_crash_is_written_over(file: Path) -> None:
    add(FilingBookFile(file), "a")
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"act":"add","fil')
    book = FilingBookFile(file)
    assert len(book.read().filings) == 1
    add(book, "b")
    assert file.read_bytes().startswith(whole)
    assert len(FilingBookFile(file).read().filings) == 2


def test_writers_at_the_same_time_lose_nothing_and_break_no_chain(file: Path) -> None:
    def write(writer: str) -> None:
        book = FilingBookFile(file)
        for number in range(10):
            add(book, f"{writer}-{number}", writer)

    threads = [threading.Thread(target=write, args=(name,)) for name in ("ann", "bo", "cy")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(FilingBookFile(file).read().filings) == 30


def test_a_changed_file_is_not_read_and_not_written(file: Path) -> None:
    book = FilingBookFile(file)
    add(book, "a")
    file.write_bytes(file.read_bytes().replace(b'"ann"', b'"eve"'))

    def never(_: FilingRegister) -> FilingEvent:
        raise AssertionError("a broken register is not built upon")

    refused: list[Callable[[], object]] = [book.read, lambda: book.keep(never)]
    for act in refused:
        with pytest.raises(FilingRegisterError):
            act()


def test_a_place_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(FilingRegisterError):
        add(FilingBookFile(tmp_path / "absent" / "filing.jsonl"), "a")
