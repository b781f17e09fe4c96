"""Who may lift what, when a consent holds, and that everything comes back from its JSON."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from baitie.domain.complaints import Complaint, ComplaintSource, ComplaintState
from baitie.domain.consent.register import BarKind, Consent, LiftObjection, Preference, ReachChannel, objection_to_lift
from baitie.kernel.ids import CalleeId
from baitie.kernel.purpose import Purpose
from baitie.kernel.time import Window

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
CALLEE = CalleeId("ce_1")
CONSENT = Consent("cs", CALLEE, Purpose.CARE, ReachChannel.VOICE, "v1", NOON, "li", "form 12")


def objection(kind: BarKind = BarKind.FREEZE, **changes: object) -> LiftObjection | None:
    plain: dict[str, object] = {
        "actor": "wang",
        "reason": "by mistake",
        "lifters": ["wang"],
        "bars_since": [NOON - HOUR],
        "open_complaints": 0,
        "consents": [CONSENT],
        "at": NOON + HOUR,
    }
    return objection_to_lift(kind, **(plain | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", BarKind)
def test_an_entitled_person_lifts_with_a_reason(kind: BarKind) -> None:
    assert objection(kind) is None
    assert objection(kind, lifters=[], actor="anybody") is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"reason": "  "}, LiftObjection.REASON_MISSING),
        ({"actor": "li"}, LiftObjection.ACTOR_NOT_ENTITLED),
        ({"open_complaints": 1}, LiftObjection.COMPLAINT_OPEN),
        ({"bars_since": []}, LiftObjection.NOTHING_TO_LIFT),
    ],
)
@pytest.mark.parametrize("kind", BarKind)
def test_what_speaks_against_lifting(kind: BarKind, changes: dict[str, object], expected: LiftObjection) -> None:
    assert objection(kind, **changes) is expected


@pytest.mark.parametrize(
    "consent",
    [
        replace(CONSENT, granted_at=NOON - 2 * HOUR),
        replace(CONSENT, evidence=""),
        replace(CONSENT, withdrawn_at=NOON),
        replace(CONSENT, expires_at=NOON + HOUR),
        replace(CONSENT, granted_at=NOON + 2 * HOUR),
    ],
    ids=["older", "no proof", "withdrawn", "expired", "not yet"],
)
def test_a_refusal_stands_without_a_newer_valid_consent_with_proof(consent: Consent) -> None:
    assert objection(BarKind.REFUSAL, consents=[consent]) is LiftObjection.CONSENT_NOT_NEWER


def test_consents_and_wishes_come_back_from_their_json() -> None:
    full = replace(CONSENT, proof_file="p.pdf", is_spoken=True, expires_at=NOON, retain_until=date(2031, 1, 1))
    wish = Preference(CALLEE, NOON, "li", (Window(time(22), time(1)),), frozenset({Purpose.CARE}), frozenset(), "zh")
    assert Consent.from_json(full.to_json()) == full
    assert Preference.from_json(wish.to_json()) == wish
    assert Preference.from_json(Preference(CALLEE, NOON, "li").to_json()) == Preference(CALLEE, NOON, "li")


def test_a_ticket_is_overdue_after_its_last_day_until_closed_and_closing_twice_changes_nothing() -> None:
    ticket = Complaint("cm", CALLEE, ComplaintSource.PAGE, NOON, date(2026, 3, 23), "CN-12321-ANSWER", "li")
    assert not ticket.is_overdue_on(date(2026, 3, 23))
    assert ticket.is_overdue_on(date(2026, 3, 24))
    closed = ticket.closed(NOON + HOUR, "wang", "apologised")
    assert closed.state is ComplaintState.CLOSED
    assert not closed.is_overdue_on(date(2026, 3, 24))
    assert closed.closed(NOON + 2 * HOUR, "zhao", "again") is closed
    assert Complaint.from_json(closed.to_json()) == closed
