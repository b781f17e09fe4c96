"""A whole campaign over real SIP and RTP whose people return missed calls; the carrier's own log is the judge."""

import json
import signal
from collections import Counter
from pathlib import Path

import pytest
from tests.rehearsal.real_runs import Program, carrier_log, ended, make_folder, start_run, store_of, tone, until

from baitie.domain.inbound.call import InboundOutcome
from baitie.domain.inbound.decision import Treatment
from baitie.kernel.ids import CampaignId
from baitie.kernel.journal import JournalKind

pytestmark = pytest.mark.xdist_group("loopback")

CAMPAIGN = CampaignId("short-rings")
LEADS = 40
NODES = ("greeting", "called-by", "closed", "opted-out")


def answering_folder(folder: Path, leads: int) -> Path:
    """A campaign folder that answers, among people who return every missed call, every fifth with a hidden number."""
    made = make_folder(folder, leads)
    (made / "prompts" / "said.pcma").write_bytes(tone(0.3))
    nodes = "".join(f'[nodes.{name}]\nprompts = ["said"]\n' for name in NODES)
    (made / "answering.toml").write_text(f'[script]\nid = "a"\nstart = "greeting"\n{nodes}', "utf-8")
    with (made / "campaign.toml").open("a", encoding="utf-8") as file:
        file.write("\n[answering]\nis_on = true\nring_s = 0.2\ncalls_in_flight_max = 30\n")
    with (made / "profile.toml").open("a", encoding="utf-8") as file:
        file.write(
            "\n[calling_back]\nmissed_rate = 1.0\nafter_median_s = 0.6\nafter_sigma = 0.3\nwithheld_rate = 0.2\n"
        )
    return made


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that ended by itself."""
    folder = answering_folder(tmp_path_factory.mktemp("back") / "c", LEADS)
    with ended(start_run(folder)) as program:
        assert program.wait() == 0, program.errors()
        (folder / "summary.json").write_text(program.output())
    return folder


def test_every_answered_call_back_was_answered_at_the_handset_too_and_ended_once(finished: Path) -> None:
    with store_of(finished) as store:
        records = store.inbound_calls()
        ends = Counter(e.facts["inbound_id"] for _, e in store.journal() if e.kind is JournalKind.INBOUND_CALL_ENDED)
        assert store.verify_chain().is_whole
    answered = [record for record in records if record.outcome is InboundOutcome.ANSWERED]
    assert len(answered) >= 3
    assert len(carrier_log(finished, "back-answered")) == len(answered)
    assert len(carrier_log(finished, "back-dialled")) >= len(records)
    assert ends == {record.inbound_id: 1 for record in records}


def test_callers_with_a_number_hear_the_script_of_the_call_they_return_and_are_recorded(finished: Path) -> None:
    with store_of(finished) as store:
        records = store.inbound_calls()
        attempts = {attempt.attempt_id: attempt for attempt in store.attempts(CAMPAIGN)}
    known = [record for record in records if record.callee_id is not None]
    assert known
    for record in known:
        assert record.treatment in (Treatment.SCRIPT, Treatment.OPTED_OUT)
        assert record.attempt_id is not None
        returned = attempts[record.attempt_id]
        assert (returned.callee_id, returned.presented_number.e164()) == (record.callee_id, record.dialled_number)
        if record.treatment is Treatment.SCRIPT and record.outcome is InboundOutcome.ANSWERED:
            assert record.recording is not None
            assert (finished / "recordings" / record.recording).stat().st_size > 1000
    assert all(record.treatment is Treatment.GREETING for record in records if record.callee_id is None)
    assert any(record.answers for record in known)


def test_report_and_summary_show_calls_back(finished: Path) -> None:
    summary = json.loads((finished / "summary.json").read_text())
    with store_of(finished) as store:
        records = store.inbound_calls(CAMPAIGN)
    assert summary["inbound"]["arrived"] >= len(records) > 0
    with ended(Program(finished, ("report", str(finished), "--json"))) as report:
        assert report.wait() == 0, report.errors()
    metrics = report.summary()["metrics"]
    assert metrics["call_back_answer_rate"]["among"] == len(records)
    assert metrics["call_back_rate"]["counted"] == len({record.lead_id for record in records})


def test_answer_alone_owns_the_store_and_ends_at_a_signal(finished: Path) -> None:
    with ended(Program(finished, ("answer", str(finished)))) as answering:
        until(lambda: "Answering for" in answering.output(), "it answers")
        with ended(Program(finished, ("stop", str(finished)))) as stop:
            assert stop.wait() == 0, stop.errors()
        assert answering.wait() == 0, answering.errors()
    with ended(Program(finished, ("answer", str(finished)))) as answering:
        until(lambda: "Answering for" in answering.output(), "it answers")
        answering.signal(signal.SIGINT)
        assert answering.wait() == 0, answering.errors()
