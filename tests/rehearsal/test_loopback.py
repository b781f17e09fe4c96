"""Whole campaigns over real SIP, RTP and SMPP: the program, its media process and the loopback carrier."""

import json
import signal
import tomllib
from collections import defaultdict
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from tests.rehearsal.real_runs import (
    Program,
    carrier_log,
    change,
    ended,
    make_folder,
    processes_of,
    start_run,
    store_of,
    until,
)

from baitie.kernel.ids import CalleeId, CampaignId
from baitie.kernel.journal import JournalKind
from baitie.kernel.outcome import EndedBy, Outcome
from baitie.kernel.records import AttemptState, LeadState
from baitie.wire.g711 import alaw_to_linear

pytestmark = pytest.mark.xdist_group("loopback")

CAMPAIGN = CampaignId("short-rings")
LEADS = 80
OPTED_OUT = "+8613800000005"
LOUD = 1000


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a campaign that ran to its end; one of its people had opted out before."""
    folder = make_folder(tmp_path_factory.mktemp("run") / "c", LEADS)
    with ended(Program(folder, ("optout", OPTED_OUT, "--campaign", str(folder)))) as optout:
        assert optout.wait() == 0, optout.errors()
    with ended(start_run(folder)) as program:
        assert program.wait() == 0, program.errors()
        assert not processes_of(program.process.pid), "carrier and media processes end with the run"
    (folder / "summary.json").write_text(program.output())
    return folder


def recordings(folder: Path) -> list[Path]:
    """The recordings of a run; there are some."""
    found = sorted((folder / "recordings").iterdir())
    assert found
    return found


def test_every_lead_is_accounted_for_and_the_summary_says_the_same(finished: Path) -> None:
    summary = json.loads((finished / "summary.json").read_text())
    with store_of(finished) as store:
        state, attempts = store.campaign_state(CAMPAIGN), store.attempts(CAMPAIGN)
        assert store.verify_chain().is_whole
    assert state is not None
    assert len(state.leads) == summary["leads"] == LEADS
    assert not state.open_attempts
    assert all(lead.state is not LeadState.IN_PROGRESS for lead in state.leads)
    waiting = [lead for lead in state.leads if lead.state is LeadState.WAITING]
    assert (summary["end"] == "waiting") == bool(waiting)
    assert summary["waiting"] == len(waiting)
    sent = [attempt for attempt in attempts if attempt.invite_sent_at is not None]
    assert summary["attempts"] == len(sent)
    assert all(attempt.state is AttemptState.ENDED and attempt.outcome for attempt in attempts)


def test_run_begins_at_the_configured_civil_time_however_long_the_carrier_took_to_start(finished: Path) -> None:
    begun = datetime.fromisoformat(json.loads((finished / "summary.json").read_text())["civil_from"])
    settings = tomllib.loads((finished / "campaign.toml").read_text("utf-8"))["loopback"]
    assert timedelta(0) <= begun - settings["civil_start"] < timedelta(seconds=settings["civil_speed"] / 4)


def test_files_that_name_people_are_for_their_owner_alone(finished: Path) -> None:
    private = ["baitie.sqlite", "baitie.key", "carrier.jsonl", *(f"recordings/{p.name}" for p in recordings(finished))]
    modes = {name: (finished / name).stat().st_mode & 0o077 for name in (*private, "recordings")}
    assert modes == dict.fromkeys(modes, 0)


def test_journal_and_run_log_hold_no_number_and_no_name(finished: Path) -> None:
    with store_of(finished) as store:
        state = store.campaign_state(CAMPAIGN)
        kept = "\n".join(repr(entry) for _, entry in store.journal(CAMPAIGN))
    assert state is not None
    kept += (finished / "runs.jsonl").read_text("utf-8") + (finished / "summary.json").read_text("utf-8")
    told = {callee.number.e164()[-11:] for callee in state.callees.values()} | {lead.name for lead in state.leads}
    assert [word for word in told if word and word in kept] == []


def test_carrier_saw_each_attempt_once_and_met_what_was_concluded(finished: Path) -> None:
    with store_of(finished) as store:
        attempts = {a.attempt_id: a for a in store.attempts(CAMPAIGN) if a.invite_sent_at is not None}
    invites = {line["attempt"]: line["plan"] for line in carrier_log(finished, "invite")}
    assert len(carrier_log(finished, "invite")) == len(invites)
    assert invites.keys() == attempts.keys()
    assert len(set(invites.values())) >= 5
    for attempt_id, plan in invites.items():
        outcome = attempts[attempt_id].outcome
        assert outcome is not None
        assert outcome.value == {"answer": "answered"}.get(plan, plan)


def test_card_with_a_receipt_was_shown_before_the_carrier_saw_the_invite(finished: Path) -> None:
    with store_of(finished) as store:
        delivered = {a.attempt_id for a in store.attempts(CAMPAIGN) if a.card_outcome == "delivered"}
    shown: set[str] = set()
    checked = 0
    for line in carrier_log(finished):
        if line["kind"] == "shown":
            shown.add(line["to"])
        elif line["kind"] == "invite":
            if line["attempt"] in delivered:
                assert line["to"] in shown
                checked += 1
            shown.discard(line["to"])
    assert checked > LEADS / 2
    assert all(line["flash"] for line in carrier_log(finished, "message"))


def test_answered_calls_leave_a_stereo_recording_with_both_voices(finished: Path) -> None:
    with store_of(finished) as store:
        answered = [a for a in store.attempts(CAMPAIGN) if a.outcome is Outcome.ANSWERED]
    assert answered
    for attempt in answered:
        assert attempt.recording is not None
        callee, us = channels(finished / "recordings" / attempt.recording)
        assert len(callee) == len(us)
        if (attempt.evidence.talk_ms or 0) >= 400:
            assert max(callee) > LOUD
            assert max(us) > LOUD


def channels(file: Path) -> tuple[list[int], list[int]]:
    """The samples of the callee and of us; asserts that the header says two channels of A-law at 8 kHz."""
    data = file.read_bytes()
    assert (data[:4], data[8:12]) == (b"RIFF", b"WAVE")
    form, count, per_s = (int.from_bytes(data[at:end], "little") for at, end in ((20, 22), (22, 24), (24, 28)))
    assert (form, count, per_s) == (6, 2, 8000)
    linear = memoryview(alaw_to_linear(data[58:])).cast("h")
    return list(linear[::2]), list(linear[1::2])


def test_keys_are_collected_as_answers_and_nine_is_a_refusal_at_once(finished: Path) -> None:
    with store_of(finished) as store:
        attempts = store.attempts(CAMPAIGN)
        journal = [entry for _, entry in store.journal(CAMPAIGN)]
        refused = {CalleeId(e.callee_id) for e in journal if e.kind is JournalKind.CALLEE_REFUSED and e.callee_id}
        standings = {callee_id: store.standing(callee_id) for callee_id in refused}
        state = store.campaign_state(CAMPAIGN)
    assert {a.answers["received"] for a in attempts if a.answers} == {"yes", "no"}
    pressed = [e for e in journal if e.kind is JournalKind.CALLEE_REFUSED and e.facts.get("channel") == "keypad"]
    assert pressed, "the profile has people who press 9"
    assert all(standing.refusals for standing in standings.values())
    assert state is not None
    leads = {lead.callee_id: lead for lead in state.leads}
    assert all(leads[CalleeId(e.callee_id)].reason == "callee-refused" for e in pressed if e.callee_id)


def test_person_who_opted_out_got_neither_card_nor_call(finished: Path) -> None:
    assert OPTED_OUT not in {line["to"] for line in carrier_log(finished)}
    with store_of(finished) as store:
        state = store.campaign_state(CAMPAIGN)
    assert state is not None
    refused = [lead for lead in state.leads if state.callees[lead.callee_id].number.e164() == OPTED_OUT]
    assert [lead.state for lead in refused] == [LeadState.REFUSED]


PATIENT = {"silent_hang_up_median_s": "20.0", "press_after_median_s": "20.0", "early_hang_up_rate": "0.0"}


def talking(folder: Path) -> set[str]:
    """Attempts that the carrier saw answered and not yet over."""
    return _attempts(folder, "answered") - _attempts(folder, "over")


def _attempts(folder: Path, kind: str) -> set[str]:
    return {line["attempt"] for line in carrier_log(folder, kind)}


@pytest.mark.parametrize("way", ["command", "signal"])
def test_stop_begins_nothing_more_and_lets_calls_end_by_themselves(tmp_path: Path, way: str) -> None:
    folder = make_folder(tmp_path / "c", 400, {"attempts_per_s": "10"})
    with ended(start_run(folder)) as program:
        until(lambda: program.has_ended or len(talking(folder)) >= 3, "calls are in progress")
        if way == "signal":
            program.signal(signal.SIGINT)
        else:
            with ended(Program(tmp_path / "stop", ("stop", str(folder)))) as stop:
                assert stop.wait() == 0, stop.errors()
        assert program.wait() == 4, program.errors()
    assert program.summary()["end"] == "stopped"
    with store_of(folder) as store:
        state, attempts = store.campaign_state(CAMPAIGN), store.attempts(CAMPAIGN)
    assert state is not None
    assert not state.open_attempts
    assert {lead.state for lead in state.leads} >= {LeadState.WAITING, LeadState.FINISHED}
    assert Outcome.UNKNOWN not in {attempt.outcome for attempt in attempts}
    by_us = [a for a in attempts if a.evidence.ended_by is EndedBy.US]
    assert all((a.evidence.talk_ms or 0) >= 300 for a in by_us), "no call was cut before the script had said its last"


def test_second_interrupt_hangs_up_and_the_next_run_takes_up_the_rest(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "c", 30, {"attempts_per_s": "10", "call_max_s": "60"}, prompt_s=15.0)
    change(folder / "profile.toml", PATIENT)

    def has_said(answer: str) -> bool:
        return program.has_ended or answer in program.output()

    with ended(Program(folder, ("run", str(folder)))) as program:
        until(lambda: program.has_ended or len(talking(folder)) >= 3, "calls are in progress")
        for answer in ("Stopping:", "Hanging up."):
            assert not program.has_ended
            program.signal(signal.SIGINT)
            until(partial(has_said, answer), "the interrupt was seen")
        assert program.wait() == 4, program.errors()
        assert not processes_of(program.process.pid)
    with store_of(folder) as store:
        attempts = store.attempts(CAMPAIGN)
    cut = [a for a in attempts if a.outcome is Outcome.ANSWERED and a.evidence.ended_by is EndedBy.US]
    assert cut
    assert all((a.evidence.talk_ms or 0) < 15_000 for a in cut)
    assert all(a.outcome is not None for a in attempts)
    first = {a.attempt_id for a in attempts}
    change(folder / "profile.toml", {"silent_hang_up_median_s": "0.2", "early_hang_up_rate": "1.0"})
    with ended(start_run(folder)) as program:
        assert program.wait() == 0, program.errors()
    with store_of(folder) as store:
        state = store.campaign_state(CAMPAIGN)
        again = {a.attempt_id: a for a in store.attempts(CAMPAIGN)}
    assert state is not None
    assert first < again.keys()
    tried = defaultdict(list)
    for attempt in again.values():
        tried[attempt.lead_id].append(attempt)
    assert all(tried[lead.lead_id] for lead in state.leads)


def test_stop_that_nobody_was_there_to_obey_does_not_stop_the_next_run(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "c", 1)
    for arguments in (("optout", OPTED_OUT, "--campaign", str(folder)), ("stop", str(folder))):
        with ended(Program(folder, arguments)) as program:
            assert program.wait() == 0, program.errors()
    with ended(start_run(folder)) as program:
        assert program.wait() == 0, program.errors()
    assert json.loads(program.output())["end"] != "stopped"


def test_opt_out_in_another_process_while_the_card_is_on_its_way_stops_the_ring(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "c", 1, {"receipt_wait_s": "20"})
    slow = {"receipt_median_s": "15", "receipt_sigma": "0.0", "lost_receipt_rate": "0.0", "refused_rate": "0.0"}
    change(folder / "profile.toml", {**slow, "throttled_rate": "0.0"})
    with ended(start_run(folder)) as program:
        until(lambda: any(line["kind"] == "message" for line in carrier_log(folder)), "the card is submitted")
        number = "+8613800000000"
        with ended(Program(folder, ("optout", number, "--campaign", str(folder)))) as optout:
            assert optout.wait() == 0, optout.errors()
        assert program.wait() == 0, program.errors()
    assert {line["kind"] for line in carrier_log(folder)} <= {"message", "shown"}, "nobody was rung"
    with store_of(folder) as store:
        state = store.campaign_state(CAMPAIGN)
    assert state is not None
    assert [lead.state for lead in state.leads] == [LeadState.REFUSED]
