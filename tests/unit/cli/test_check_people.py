"""What `baitie check` says of people: each reason of those of whom it is true, and nothing of calls that never come."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from baitie.adapters.clock import SystemRng
from baitie.app.records.batch import Batch
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.importing import import_once
from baitie.bootstrap.stores import open_store
from baitie.cli.main import run
from baitie.domain.risk.history import Refusal, RefusalChannel
from baitie.kernel.records import LeadState

NOW = datetime(2026, 3, 3, 2, tzinfo=UTC)
PEOPLE = [f"1390000{n:04d}" for n in range(6)]


@pytest.fixture
def folder(campaign: Path) -> Path:
    """The example with six people, imported as a run does it."""
    write(campaign, PEOPLE)
    with opened(campaign) as store:
        import_once(read_folder(campaign, {}), store, SystemRng(), NOW, "en")
    return campaign


def write(folder: Path, numbers: list[str]) -> None:
    heading = (folder / "contacts.csv").read_text("utf-8-sig").splitlines()[0]
    rows = [f"{number},王{n},{n:04d},茶具,2026-02-26,regular" for n, number in enumerate(numbers)]
    (folder / "contacts.csv").write_text("\n".join([heading, *rows]) + "\n", "utf-8")


@contextmanager
def opened(folder: Path) -> Iterator[Any]:
    """The folder's store, open for a while."""
    store = open_store(read_folder(folder, {}).organisation.settings)
    try:
        yield store
    finally:
        store.close()


def check(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Any, str]:
    capsys.readouterr()
    run(["check", str(folder), "--json", "--lang", "en"])
    told = json.loads(capsys.readouterr().out)
    run(["check", str(folder), "--lang", "en"])
    return told, capsys.readouterr().out


def refuse(folder: Path, refusals: list[RefusalChannel]) -> None:
    with opened(folder) as store:
        state = store.campaign_state("order-followup")
        found = [
            Refusal(lead.callee_id, NOW - timedelta(days=place), channel, "callee")
            for place, (lead, channel) in enumerate(zip(state.leads, refusals, strict=False))
        ]
        store.record_refusal_or_freeze(Batch(refusals=found))


def finish(folder: Path, count: int) -> None:
    with opened(folder) as store:
        leads = store.campaign_state("order-followup").leads[:count]
        asyncio.run(_kept(store, Batch(leads=[replace(lead, state=LeadState.FINISHED) for lead in leads])))


async def _kept(store: Any, batch: Batch) -> None:
    await store.commit(batch)


def test_each_reason_is_told_of_those_of_whom_it_is_true(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refuse(folder, [RefusalChannel.OPERATOR, RefusalChannel.MESSAGE, RefusalChannel.MESSAGE])
    told, text = check(folder, capsys)
    refused = [rule for rule in told["rules"] if rule["rule"] == "CORE-REFUSAL"]
    assert [rule["count"] for rule in refused] == [1, 1, 1]
    assert len({rule["sentence"] for rule in refused}) == 3
    for rule in refused:
        assert f"CORE-REFUSAL: {rule['sentence']}" in text


def test_so_many_reasons_that_nobody_reads_them_are_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, many := [f"1390001{n:04d}" for n in range(20)])
    (folder / "baitie.sqlite3").unlink()
    with opened(folder) as store:
        import_once(read_folder(folder, {}), store, SystemRng(), NOW, "en")
    refuse(folder, [RefusalChannel.MESSAGE] * len(many))
    told, text = check(folder, capsys)
    refused = [rule for rule in told["rules"] if rule["rule"] == "CORE-REFUSAL"]
    assert sum(rule["count"] for rule in refused) == 20
    assert len(refused) < 12
    assert "each in a way of their own" in text


def test_who_has_an_outcome_is_not_counted_among_those_who_may_be_called(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    finish(folder, 2)
    told, text = check(folder, capsys)
    assert (told["allowed"], told["closed"]) == (4, 2)
    assert "4 of 4 may be called now" in text
    assert "2 have their outcome" in text


def test_a_campaign_that_is_over_says_that_nobody_is_called_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    finish(folder, len(PEOPLE))
    told, text = check(folder, capsys)
    assert (told["allowed"], told["closed"]) == (0, len(PEOPLE))
    assert "nobody is called again" in text
    assert "Next: baitie run" not in text
    assert run(["check", str(folder), "--lang", "en"]) == 0


def test_who_was_added_to_the_list_after_its_import_is_not_called_and_that_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, [*PEOPLE, "13911110000", "13911110001"])
    told, text = check(folder, capsys)
    assert (told["allowed"], told["strangers"]) == (6, 2)
    assert "2 are not among the imported leads" in text


def test_no_more_people_lack_a_card_than_are_on_the_list(campaign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(campaign, PEOPLE)
    file = campaign / "contacts.csv"
    file.write_text("\n".join(row.replace(",00", ",x00") for row in file.read_text("utf-8").splitlines()), "utf-8")
    told, _ = check(campaign, capsys)
    assert sum(refusal["count"] for refusal in told["card_refusals"]) <= len(PEOPLE)
