"""A name that nobody has is refused at the desks, with the nearest that are known; and a complaint finds its number."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.contract.store import samples

from baitie.adapters.store import SqlStore
from baitie.app.records.batch import Batch
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.stores import open_store
from baitie.cli.main import run
from baitie.cli.shared import ExitCode
from baitie.domain.complaints import ComplaintSource
from baitie.kernel.phone import PhoneNumber
from baitie.locale.catalogue import catalogue

NUMBER, OTHER = "13800001000", "13800001001"
FIRST, SECOND = "+862150000100", "+862150000101"


@contextmanager
def opened(campaign: Path) -> Iterator[SqlStore]:
    store = open_store(read_folder(campaign, {}).organisation.settings)
    try:
        yield store
    finally:
        store.close()


def call(campaign: Path, number: str, *presented: str) -> list[str]:
    """The store knows of calls to somebody by these numbers; gives their ids."""
    callee = replace(samples.callee(int(number[-2:]) + 1), number=PhoneNumber(f"+86{number}"))
    with opened(campaign) as store:
        lead = replace(samples.lead(int(number[-2:]) + 1), callee_id=callee.callee_id)
        store.import_leads(lead.campaign_id, [callee], [lead], samples.entry(1))
        attempts = [
            replace(
                samples.attempt(int(number[-2:]) * 10 + n),
                callee_id=callee.callee_id,
                lead_id=lead.lead_id,
                presented_number=PhoneNumber(shown),
            )
            for n, shown in enumerate(presented, start=1)
        ]
        asyncio.run(_kept(store, Batch(attempts=attempts)))
    return [attempt.attempt_id for attempt in attempts]


async def _kept(store: SqlStore, batch: Batch) -> None:
    await store.commit(batch)


def complain(told: Any, *more: str, number: str = NUMBER) -> tuple[int, Any]:
    found: tuple[int, Any] = told("complaint", "add", number, "--source", "12315", *more)
    return found


@pytest.mark.parametrize(
    ("more", "code", "near"),
    [
        (("--about", "order-folowup"), "campaign-name-unknown", "order-followup"),
        (("--about", "双十一回访"), "campaign-name-unknown", "order-followup"),
        (("--attempt", "at_nothing"), "attempt-name-unknown", ""),
        (("--presented", "02150000109"), "presented-number-unknown", FIRST),
        (("--presented", "02150000"), "presented-number-unknown", FIRST),
    ],
)
def test_an_unknown_name_in_a_complaint_is_refused_and_nothing_is_kept(
    told: Any, more: tuple[str, ...], code: str, near: str
) -> None:
    found, body = complain(told, *more)
    assert (found, body["error"]["code"]) == (ExitCode.BAD_INPUT, code)
    assert near in body["error"]["message"]
    assert told("complaint", "list")[1]["complaint"] == []
    assert told("freeze", "list")[1]["freeze"] == []


def test_a_campaign_may_be_named_as_people_call_it(told: Any) -> None:
    assert complain(told, "--about", "订单回访（示例）")[1]["campaign"] == "order-followup"


def test_the_only_call_is_what_is_complained_of_and_its_number_is_suspended(told: Any, campaign: Path) -> None:
    (attempt,) = call(campaign, NUMBER, FIRST)
    body = complain(told)[1]
    assert (body["attempt"], body["suspended"]) == (attempt, FIRST)
    assert [one["number"] for one in told("complaint", "suspended")[1]["suspended"]] == [FIRST]


def test_of_several_calls_by_one_number_the_number_is_known_and_of_several_numbers_none(
    told: Any, campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call(campaign, NUMBER, FIRST, FIRST)
    body = complain(told)[1]
    assert (body["attempt"], body["suspended"]) == (None, FIRST)
    call(campaign, OTHER, FIRST, SECOND)
    assert complain(told, number=OTHER)[1]["suspended"] is None
    run(["complaint", "add", OTHER, "--source", "media", "--campaign", str(campaign), "--lang", "zh"])
    said = capsys.readouterr().out
    assert "没有停用任何外显号码" in said
    assert FIRST in said
    assert SECOND in said


def test_who_was_never_called_has_no_number_to_complain_of_and_that_is_said(
    campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["complaint", "add", NUMBER, "--source", "platform", "--campaign", str(campaign), "--lang", "zh"])
    assert "没有呼叫过此人" in capsys.readouterr().out


def test_the_attempt_of_somebody_else_is_refused(told: Any, campaign: Path) -> None:
    (theirs,) = call(campaign, OTHER, FIRST)
    call(campaign, NUMBER, FIRST)
    assert complain(told, "--attempt", theirs)[1]["error"]["code"] == "attempt-name-unknown"


@pytest.mark.parametrize("source", ComplaintSource)
def test_every_source_can_be_entered_and_is_a_word_of_the_lists(told: Any, source: ComplaintSource) -> None:
    assert told("complaint", "add", NUMBER, "--source", source.value)[0] == ExitCode.OK
    for lang in ("zh", "en"):
        assert catalogue("desk", lang).text(f"word.source.{source.value}")


def test_a_file_of_complaints_keeps_the_rows_whose_names_are_known(told: Any, tmp_path: Path) -> None:
    file = tmp_path / "complaints.csv"
    file.write_text(
        f"number,source,campaign,presented\n{NUMBER},12345,order-followup,\n{OTHER},media,nothing,\n"
        f"{OTHER},12345,,+862150000555\n{OTHER},12346,,\n",
        "utf-8",
    )
    code, body = told("complaint", "import", str(file))
    assert (code, body["accepted"]) == (ExitCode.PROBLEMS, 1)
    assert [(bad["row"], bad["column"], bad["reason"]) for bad in body["rejected"]] == [
        (3, "campaign", "campaign-name-unknown"),
        (4, "presented", "presented-number-unknown"),
        (5, "source", "word-unknown"),
    ]


def test_proof_of_a_consent_is_a_file_that_is_there(told: Any, campaign: Path, tmp_path: Path) -> None:
    consent = ("consent", "add", NUMBER, "--purpose", "care", "--wording", "v1", "--proof")
    code, body = told(*consent, "nowhere.pdf")
    assert (code, body["error"]["code"]) == (ExitCode.BAD_INPUT, "proof-file-missing")
    assert told("consent", "list")[1]["consent"] == []
    (campaign / "form.pdf").write_bytes(b"%PDF")
    assert told(*consent, "form.pdf")[1]["has_evidence"]
    (tmp_path / "other.pdf").write_bytes(b"%PDF")
    assert told(*consent, str(tmp_path / "other.pdf"))[0] == ExitCode.OK
    assert {row["proof_file"] for row in told("consent", "list")[1]["consent"]} >= {"form.pdf"}


def test_a_file_of_consents_keeps_the_rows_whose_proof_is_there(told: Any, campaign: Path, tmp_path: Path) -> None:
    (campaign / "a.pdf").write_bytes(b"%PDF")
    file = tmp_path / "consents.csv"
    heading = "number,purpose,channel,wording,granted_at,proof_file"
    row = f"{NUMBER},care,voice,v1,2026-03-0"
    file.write_text(f"{heading}\n{row}1,a.pdf\n{row}2,b.pdf\n", "utf-8")
    body = told("consent", "import", str(file))[1]
    assert [(bad["row"], bad["reason"]) for bad in body["rejected"]] == [(3, "proof-file-missing")]


def test_an_opt_out_says_how_and_why(told: Any, campaign: Path) -> None:
    assert told("optout", NUMBER, "--source", "page", "--reason", "called the hotline")[0] == ExitCode.OK
    (row,) = told("optout", "list")[1]["optout"]
    assert row["channel"] == "page"
    with opened(campaign) as store:
        facts = [entry.facts for _, entry in store.journal() if entry.kind.value == "CalleeRefused"]
    assert json.loads(json.dumps(dict(facts[0])))["reason"] == "called the hotline"
