"""A whole campaign under virtual time, and then the story of one of its calls, station by station."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, World, callee, fill

from baitie.adapters.store import SqlStore
from baitie.bootstrap import evidence, trace_words
from baitie.bootstrap.evidence import make_checkpoint
from baitie.bootstrap.registers import registers_in
from baitie.domain.complaints import ComplaintSource
from baitie.domain.consent.register import ReachChannel
from baitie.domain.contacts import NumberReading
from baitie.files.examples import copy_example
from baitie.files.settings_files import load_organisation
from baitie.kernel.journal import JournalKind
from baitie.kernel.outcome import Outcome
from baitie.kernel.purpose import NumberClass, Purpose


def test_the_story_of_a_call_goes_from_the_consent_to_the_complaint(tmp_path: Path) -> None:
    copy_example("order-followup", tmp_path / "c")
    settings = load_organisation(tmp_path / "c" / "baitie.toml", {}).settings
    with closing(SqlStore(settings.store.path, settings.store.key_file, inline=True)) as store:
        fill(store, 30)
        readings = [NumberReading(callee(n).number, NumberClass.MOBILE, "CN", ("Asia/Shanghai",)) for n in range(30)]
        before = registers_in(store, settings, "li", datetime(2026, 3, 3, 1, 0, tzinfo=UTC))
        for reading in readings:
            before.consents.grant(reading, Purpose.CARE, ReachChannel.VOICE, "2026-01", evidence="form 12")
        World(cast(MemoryStore, store)).run()  # the run knows its store by the port, which both serve
        told = next(
            a
            for a in store.attempts(CAMPAIGN_ID)
            if a.outcome is Outcome.ANSWERED and a.card_delivered_at is not None and a.rang_at is not None
        )
        reading = next(r for r in readings if store.callee_ids([r.number])[r.number] == told.callee_id)
        after = registers_in(store, settings, "li", datetime(2026, 3, 5, 1, 0, tzinfo=UTC))
        complaint = after.complaints.open(reading, ComplaintSource.CARRIER, attempt_id=told.attempt_id)
        after.complaints.close(complaint.complaint_id, "apologised")
    assert (complaint.campaign_id, complaint.presented) == (CAMPAIGN_ID, told.presented_number.e164())
    make_checkpoint(settings, datetime(2026, 3, 6, tzinfo=UTC))
    story = evidence.trace(settings, told.attempt_id, tmp_path / "c", {})
    kinds = [step.kind for step in story.steps]
    stations = [
        "origin",
        JournalKind.CONSENT_GRANTED,
        JournalKind.ATTEMPT_PLANNED,
        "not-reviewed",
        JournalKind.CARD_SUBMITTED,
        "card-not-signed",
        JournalKind.CARD_DELIVERED,
        JournalKind.INVITE_SENT,
        "RingAllowed",
        JournalKind.CALL_RANG,
        JournalKind.CALL_ANSWERED,
        JournalKind.ATTEMPT_ENDED,
        JournalKind.COMPLAINT_RECEIVED,
        JournalKind.CALLEE_FROZEN,
        JournalKind.NUMBER_SUSPENDED,
        JournalKind.COMPLAINT_CLOSED,
        "counted",
        "signed",
    ]
    assert [kind for kind in kinds if kind in stations] == stations
    for lang in ("zh", "en"):
        texts = trace_words.TraceTexts(lang, story.zone)
        for step in story.steps:
            assert step.kind not in texts.lines(step)[0], f"{step.kind} is told in words ({lang})"
    assert replace(told, answers={}).attempt_id == story.attempt.attempt_id
