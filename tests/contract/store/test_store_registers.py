"""The contract of every store for what is registered about callees: consents, wishes, blocks, complaints, lifts."""

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

from tests.contract.store import samples
from tests.contract.store.samples import CAMPAIGN, NOON

from baitie.app.records.batch import Batch
from baitie.app.records.standing import CARDS_KEPT_MAX
from baitie.domain.complaints import Complaint, ComplaintSource
from baitie.domain.consent.register import BarKind, Block, Consent, Lift, Preference, ReachChannel
from baitie.kernel.ids import CalleeId
from baitie.kernel.purpose import Purpose
from baitie.kernel.records import AttemptState
from baitie.kernel.time import Window

CALLEE = CalleeId("ce_1")
CONSENT = Consent(
    "cs_1",
    CALLEE,
    Purpose.ACQUISITION,
    ReachChannel.VOICE,
    "2026-01",
    NOON,
    "li",
    "form 12",
    "proofs/12.pdf",
    is_spoken=True,
    expires_at=NOON + timedelta(days=400),
    retain_until=date(2031, 3, 2),
)
WISH = Preference(
    CALLEE,
    NOON,
    "callee",
    (Window(time(10), time(12)), Window(time(19), time(20, 30))),
    frozenset({Purpose.CARE, Purpose.INFORMATION}),
    frozenset({ReachChannel.VOICE}),
    "zh",
)
COMPLAINT = Complaint(
    "cm_1",
    CALLEE,
    ComplaintSource.REGISTRY_12321,
    NOON,
    date(2026, 3, 23),
    "CN-COMPLAINT-ANSWER",
    "li",
    CAMPAIGN,
    "at_000001",
    "+8657188880000",
)


def test_everything_about_a_callee_comes_back_in_one_standing(place: Any) -> None:
    store = place.open()
    block = Block(CALLEE, NOON, "court order", "li")
    store.record_refusal_or_freeze(
        Batch(
            consents=[CONSENT],
            preferences=[WISH],
            blocks=[block],
            complaints=[COMPLAINT],
            cards_sent=[(CALLEE, NOON), (CALLEE, NOON - timedelta(days=1))],
        )
    )
    standing = place.open().standing(CALLEE)
    assert standing.consents == (CONSENT,)
    assert standing.preference == WISH
    assert standing.blocks == (block,)
    assert standing.complaints == (COMPLAINT,)
    assert standing.cards_sent == (NOON - timedelta(days=1), NOON)
    assert store.standing(CalleeId("ce_2")).consents == ()


def test_the_newest_state_of_a_consent_wish_or_complaint_replaces_the_one_before(place: Any) -> None:
    store = place.open()
    store.record_refusal_or_freeze(Batch(consents=[CONSENT], preferences=[WISH], complaints=[COMPLAINT]))
    withdrawn = replace(CONSENT, withdrawn_at=NOON + timedelta(days=1), withdrawn_by="callee")
    closed = COMPLAINT.closed(NOON + timedelta(days=2), "wang", "apologised")
    wish = replace(WISH, windows=())
    store.record_refusal_or_freeze(Batch(consents=[withdrawn], preferences=[wish], complaints=[closed]))
    standing = store.standing(CALLEE)
    assert (standing.consents, standing.preference, standing.complaints) == ((withdrawn,), wish, (closed,))
    assert store.complaints() == (closed,)


def test_a_lift_ends_the_bars_of_its_kind_and_of_its_callee_only(place: Any) -> None:
    store = place.open()
    both = Batch(
        refusals=[samples.refusal(1), samples.refusal(2)],
        freezes=[samples.freeze(1), samples.freeze(2)],
        blocks=[Block(CalleeId(f"ce_{n}"), NOON, "law", "li") for n in (1, 2)],
    )
    store.record_refusal_or_freeze(both)
    store.record_refusal_or_freeze(Batch(lifts=[Lift(CALLEE, BarKind.FREEZE, NOON, "wang", "by mistake")]))
    first, second = store.standing(CALLEE), store.standing(CalleeId("ce_2"))
    assert (len(first.refusals), len(first.freezes), len(first.blocks)) == (1, 0, 1)
    assert (len(second.refusals), len(second.freezes), len(second.blocks)) == (1, 1, 1)
    lifts = [Lift(CALLEE, kind, NOON, "wang", "asked for") for kind in (BarKind.REFUSAL, BarKind.BLOCK)]
    store.record_refusal_or_freeze(Batch(lifts=lifts))
    assert store.standing(CALLEE).refusals == store.standing(CALLEE).blocks == ()
    store.record_refusal_or_freeze(Batch(freezes=[samples.freeze(1)]))
    assert store.standing(CALLEE).freezes == (samples.freeze(1),), "what is set later stands"


def test_only_the_newest_cards_sent_are_looked_at(place: Any) -> None:
    store = place.open()
    sent = [(CALLEE, NOON + timedelta(minutes=n)) for n in range(CARDS_KEPT_MAX + 5)]
    store.record_refusal_or_freeze(Batch(cards_sent=sent))
    assert store.standing(CALLEE).cards_sent == tuple(at for _, at in sent[5:])


def test_complaints_are_counted_against_attempts_of_the_same_campaign_and_time(place: Any) -> None:
    store = place.open()
    store.import_leads(
        CAMPAIGN, [samples.callee(n) for n in range(3)], [samples.lead(n) for n in range(3)], samples.entry(0)
    )
    old = replace(COMPLAINT, complaint_id="cm_0", received_at=NOON - timedelta(days=31))
    other = replace(COMPLAINT, complaint_id="cm_2", campaign_id="cp_other")
    store.record_refusal_or_freeze(Batch(complaints=[COMPLAINT, old, other]))

    async def keep() -> None:
        await store.commit(Batch(attempts=[samples.attempt(n, AttemptState.INVITE_SENT) for n in range(3)]))

    import asyncio

    asyncio.run(keep())
    assert store.complaint_share(CAMPAIGN, NOON - timedelta(days=30)) == (1, 3)
    assert store.complaint_share(CAMPAIGN, NOON + timedelta(days=1)) == (0, 0)


def test_everybody_of_whom_something_is_registered_is_listed_once(place: Any) -> None:
    store = place.open()
    store.import_leads(CAMPAIGN, [samples.callee(n) for n in range(4)], [], samples.entry(0))
    store.record_refusal_or_freeze(
        Batch(refusals=[samples.refusal(1)], freezes=[samples.freeze(1), samples.freeze(3)], consents=[CONSENT])
    )
    assert store.barred_callees() == (samples.callee(1), samples.callee(3))
