"""Values for the store's tests."""

from datetime import UTC, datetime, timedelta

from baitie.app.records.batch import Batch
from baitie.domain.risk.history import CalleeHistory, Freeze, PastAttempt, Refusal, RefusalChannel
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.outcome import EndedBy, Evidence, Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass
from baitie.kernel.records import AttemptRecord, AttemptState, CalleeRecord, LeadRecord, LeadState

NOON = datetime(2026, 3, 2, 4, 0, 0, 123456, tzinfo=UTC)
CAMPAIGN = CampaignId("cp_orders")


def entry(n: int, kind: JournalKind = JournalKind.INVITE_SENT, campaign_id: str | None = CAMPAIGN) -> JournalEntry:
    return JournalEntry(kind, NOON + timedelta(seconds=n), campaign_id, f"ld_{n}", f"at_{n:06}", f"ce_{n}", {"n": n})


def callee(n: int) -> CalleeRecord:
    number = PhoneNumber(f"+86138{n:08}")
    return CalleeRecord(CalleeId(f"ce_{n}"), number, NumberClass.MOBILE, "CN", ("Asia/Shanghai", "Asia/Urumqi"))


def lead(n: int, **changes: object) -> LeadRecord:
    fields: dict[str, object] = {
        "lead_id": LeadId(f"ld_{n}"),
        "campaign_id": CAMPAIGN,
        "callee_id": CalleeId(f"ce_{n}"),
        "row": n + 2,
        "name": f"王{n}",
        "slots": {"order": f"A{n}", "goods": "茶叶"},
        "source": "order form",
        "legal_basis": "contract",
        "segment": "new",
        "priority": n % 3,
    }
    return LeadRecord(**(fields | changes))  # type: ignore[arg-type]


def attempt(n: int, state: AttemptState = AttemptState.INVITE_SENT) -> AttemptRecord:
    return AttemptRecord(
        AttemptId(f"at_{n:06}"),
        LeadId(f"ld_{n}"),
        CAMPAIGN,
        CalleeId(f"ce_{n}"),
        PhoneNumber("+862155550100"),
        "loopback",
        state,
        NOON,
        card_text_hash="5f" * 32,
        card_submitted_at=NOON,
        card_delivered_at=NOON + timedelta(seconds=1),
        card_outcome="delivered",
        card_receipt_ms=1000,
        card_lead_ms=20,
        invite_sent_at=NOON + timedelta(seconds=1),
        card_channel="flash",
    )


def ended(n: int) -> AttemptRecord:
    return AttemptRecord(
        AttemptId(f"at_{n:06}"),
        LeadId(f"ld_{n}"),
        CAMPAIGN,
        CalleeId(f"ce_{n}"),
        PhoneNumber("+862155550100"),
        "loopback",
        AttemptState.ENDED,
        NOON,
        rang_at=NOON,
        answered_at=NOON + timedelta(microseconds=1),
        ended_at=NOON + timedelta(seconds=31),
        outcome=Outcome.ANSWERED,
        failure_cause=None,
        evidence=Evidence(200, 'Q.850;cause=16;text="正常"', 16, True, 1200, 30_000, EndedBy.CALLEE, "n"),
        answers={"received": "1"},
        recording="recordings/a.wav",
    )


def history(n: int, attempts: int = 3) -> CalleeHistory:
    return CalleeHistory(
        tuple(PastAttempt(NOON - timedelta(days=attempts - i), i % 2 == 0, n % 2 == 0, False) for i in range(attempts))
    )


def refusal(n: int) -> Refusal:
    return Refusal(CalleeId(f"ce_{n}"), NOON, RefusalChannel.KEYPAD, "callee", {"attempt_id": f"at_{n:06}"})


def freeze(n: int) -> Freeze:
    until = NOON + timedelta(days=30)
    return Freeze(CalleeId(f"ce_{n}"), NOON, until, "rejected-and-short", "cn.freeze.1", "dialler")


def batch(n: int) -> Batch:
    """What one attempt writes at a time."""
    return Batch(
        journal=[
            entry(n, kind) for kind in (JournalKind.INVITE_SENT, JournalKind.CALL_RANG, JournalKind.CALL_ANSWERED)
        ],
        leads=[lead(n, state=LeadState.IN_PROGRESS, attempts=1, not_before=NOON)],
        attempts=[attempt(n)],
        histories=[(CalleeId(f"ce_{n}"), history(n))],
    )
