"""`kill -9` at random instants, and resumed each time: the carrier's own log is the judge."""

import faulthandler
import random
import select
from collections import defaultdict
from pathlib import Path

import pytest
from tests.rehearsal.real_runs import (
    Carrier,
    carrier_beside,
    carrier_log,
    ended,
    kept_outcomes,
    make_folder,
    processes_of,
    start_run,
    store_of,
    until,
)

from baitie.kernel.ids import AttemptId, CampaignId
from baitie.kernel.outcome import Outcome
from baitie.kernel.records import AttemptRecord, LeadRecord, LeadState

KILLS = 50
LEADS = 500
KILLED_WITHIN_S = 1.2
"""Of the begin of a run; every fifth is killed while it starts, this much after its process began."""

CAMPAIGN = CampaignId("short-rings")


@pytest.mark.timeout(600)
def test_fifty_kills_lose_no_outcome_and_no_lead_and_ring_nobody_twice(tmp_path: Path) -> None:
    faulthandler.cancel_dump_traceback_later()  # the only test that lasts longer than its patience
    folder = make_folder(tmp_path / "c", LEADS, {"attempts_per_s": "15"})
    rng = random.Random(20260303)
    kept: dict[str, str] = {}
    with carrier_beside(folder) as carrier:
        for number in range(KILLS):
            _run_and_kill(folder, rng, is_starting=number % 5 == 4, children_too=number % 2 == 1)
            now_kept = kept_outcomes(folder)
            assert kept.items() <= now_kept.items(), "an outcome once durable is never lost or altered"
            kept = now_kept
        _finish(folder, carrier)
    _judge(folder, kept)


def _run_and_kill(folder: Path, rng: random.Random, *, is_starting: bool, children_too: bool) -> None:
    """Half of the kills take the media process along, which else completes its recordings and ends by itself."""
    wait_s = rng.uniform(0.0, KILLED_WITHIN_S)
    begun = _begun(folder)
    with ended(start_run(folder)) as program:
        until(lambda: is_starting or program.has_ended or _begun(folder) > begun, "the run begins")
        _let_pass(wait_s)
        assert not program.has_ended, program.output() + program.errors()
        program.kill(children_too=children_too)
        until(lambda: not processes_of(program.process.pid), "the media process is gone")


def _let_pass(wait_s: float) -> None:
    """The random instant itself: there is no condition to wait for."""
    select.select([], [], [], wait_s)


def _begun(folder: Path) -> int:
    file = folder / "runs.jsonl"
    return file.read_text("utf-8").count('"begin": true') if file.exists() else 0


def _finish(folder: Path, carrier: Carrier) -> None:
    with ended(start_run(folder)) as program:
        assert program.wait(150) == 0, program.errors()
        assert not processes_of(program.process.pid)
    assert program.summary()["end"] in ("finished", "waiting")
    assert carrier.process.poll() is None


def _judge(folder: Path, kept: dict[str, str]) -> None:
    with store_of(folder) as store:
        assert store.verify_chain().is_whole
        attempts = {attempt.attempt_id: attempt for attempt in store.attempts(CAMPAIGN)}
        state = store.campaign_state(CAMPAIGN)
    assert state is not None
    assert len(state.leads) == LEADS
    assert not state.open_attempts, "no lease is held by an attempt that nobody drives"
    assert kept.items() <= {key: str(a.outcome) for key, a in attempts.items() if a.outcome}.items()
    invited = _invites_by_number(folder)
    ids = [attempt_id for of_number in invited.values() for attempt_id in of_number]
    assert len(ids) == len(set(ids)), "no INVITE twice for one attempt"
    assert set(ids) <= attempts.keys(), "no INVITE without its journalled intention"
    assert all(attempts[attempt_id].outcome is not None for attempt_id in ids)
    _judge_order(invited, attempts)
    _judge_leads(state.leads, attempts)
    _judge_recordings(folder, attempts)
    assert any(a.outcome is Outcome.UNKNOWN for a in attempts.values()), "no kill met a call: the test shows nothing"


def _invites_by_number(folder: Path) -> dict[str, list[AttemptId]]:
    invited: dict[str, list[AttemptId]] = defaultdict(list)
    for line in carrier_log(folder, "invite"):
        invited[line["to"]].append(AttemptId(line["attempt"]))
    return invited


def _judge_order(invited: dict[str, list[AttemptId]], attempts: dict[AttemptId, AttemptRecord]) -> None:
    for of_number in invited.values():
        for attempt_id in of_number[:-1]:
            assert attempts[attempt_id].outcome is not Outcome.UNKNOWN, "dialled again after it could not be known"


def _judge_leads(leads: tuple[LeadRecord, ...], attempts: dict[AttemptId, AttemptRecord]) -> None:
    by_lead: dict[str, list[AttemptRecord]] = defaultdict(list)
    for attempt in attempts.values():
        by_lead[attempt.lead_id].append(attempt)
    for lead in leads:
        assert lead.state is not LeadState.IN_PROGRESS
        mine = by_lead[lead.lead_id]
        assert mine or lead.state is LeadState.REFUSED, "every lead was tried"
        assert lead.attempts == sum(attempt.invite_sent_at is not None for attempt in mine)
        if lead.state is LeadState.WAITING:
            assert lead.not_before is not None


def _judge_recordings(folder: Path, attempts: dict[AttemptId, AttemptRecord]) -> None:
    """What bears a recording's name is whole; what is half written is named otherwise, and no attempt names it."""
    folder = folder / "recordings"
    named = {attempt.recording for attempt in attempts.values() if attempt.recording is not None}
    assert named <= {file.name for file in folder.iterdir()}
    for file in folder.glob("*.wav"):
        audio_bytes = int.from_bytes(file.read_bytes()[54:58], "little")
        assert file.stat().st_size == 58 + audio_bytes, file.name
    assert not any(name.endswith(".part") for name in named)
