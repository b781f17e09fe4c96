"""Unit: every failure of a call has one row that says cause, party, redial and outcome."""

import pytest
from tests.unit.wire.sip.desk import Desk

from baitie.kernel.errors import Party
from baitie.kernel.outcome import Outcome
from baitie.wire.sip.auth import Credentials
from baitie.wire.sip.effects import CallFailed
from baitie.wire.sip.failures import (
    BY_LOCAL,
    BY_RELEASE_CAUSE,
    BY_STATUS,
    Local,
    from_local,
    from_status,
    release_cause_of,
)

C, E, K, P = Party.CARRIER, Party.ENTERPRISE, Party.CALLEE, Party.PLATFORM
Q = "Q.850;cause={}"

TABLE = [
    # status, reason header, cause, party, may redial, outcome
    (302, None, "redirected", K, True, Outcome.UNREACHABLE),
    (301, None, "number-moved", K, False, Outcome.UNALLOCATED),
    (399, None, "redirected", C, False, Outcome.FAILED),
    (400, None, "request-malformed", P, False, Outcome.FAILED),
    (403, None, "forbidden-by-carrier", E, False, Outcome.FAILED),
    (404, None, "number-unallocated", K, False, Outcome.UNALLOCATED),
    (407, None, "credentials-refused", E, False, Outcome.FAILED),
    (408, None, "no-answer", K, True, Outcome.NO_ANSWER),
    (410, None, "number-gone", K, False, Outcome.UNALLOCATED),
    (480, None, "temporarily-unavailable", K, True, Outcome.UNREACHABLE),
    (480, Q.format(20), "subscriber-absent", K, True, Outcome.POWERED_OFF),
    (480, Q.format(19), "no-answer", K, True, Outcome.NO_ANSWER),
    (484, None, "number-incomplete", E, False, Outcome.UNALLOCATED),
    (486, None, "callee-busy", K, True, Outcome.BUSY),
    (486, Q.format(21), "callee-rejected", K, True, Outcome.REJECTED),
    (487, None, "no-answer", K, True, Outcome.NO_ANSWER),
    (488, None, "media-refused", P, False, Outcome.FAILED),
    (488, Q.format(17), "media-refused", P, False, Outcome.FAILED),
    (500, None, "carrier-error", C, True, Outcome.FAILED),
    (500, Q.format(17), "callee-busy", K, True, Outcome.BUSY),
    (500, Q.format(99), "carrier-error", C, True, Outcome.FAILED),
    (503, None, "carrier-unavailable", C, True, Outcome.FAILED),
    (503, Q.format(34), "no-circuit", C, True, Outcome.FAILED),
    (599, None, "carrier-error", C, True, Outcome.FAILED),
    (600, None, "callee-busy-everywhere", K, True, Outcome.BUSY),
    (603, None, "callee-rejected", K, True, Outcome.REJECTED),
    (604, None, "number-does-not-exist", K, False, Outcome.UNALLOCATED),
    (607, None, "marked-unwanted-by-callee", K, False, Outcome.REJECTED),
    (608, None, "rejected-by-analytics", C, False, Outcome.REJECTED),
    (699, None, "refused-everywhere", K, False, Outcome.REJECTED),
    (499, None, "unclassified", P, False, Outcome.FAILED),
]

LOCAL_TABLE = [
    (Local.NO_RESPONSE, "trunk-timeout", C, True, Outcome.UNKNOWN),
    (Local.NO_RESPONSE_AFTER_CANCEL, "trunk-timeout-after-cancel", C, True, Outcome.UNKNOWN),
    (Local.TRANSPORT_BEFORE_SENDING, "trunk-unreachable", C, True, Outcome.FAILED),
    (Local.TRANSPORT_AFTER_SENDING, "transport-broken", C, True, Outcome.UNKNOWN),
    (Local.RING_TIMEOUT, "ring-timeout", K, True, Outcome.NO_ANSWER),
    (Local.CANCELLED, "cancelled-by-us", P, True, Outcome.CANCELLED),
    (Local.LATE_ANSWER, "answered-while-cancelling", P, True, Outcome.ABANDONED),
    (Local.CAPACITY, "platform-capacity", P, True, Outcome.FAILED),
    (Local.NO_ACK, "answer-not-acknowledged", C, True, Outcome.FAILED),
    (Local.BYE_UNANSWERED, "hang-up-unanswered", C, True, Outcome.FAILED),
    (Local.NOBODY_ANSWERED_OFFER, "offer-neither-taken-nor-rejected", P, True, Outcome.FAILED),
    (Local.SESSION_EXPIRED, "session-expired", C, True, Outcome.FAILED),
    (Local.REFRESH_FAILED, "session-refresh-failed", C, True, Outcome.FAILED),
    (Local.BAD_ANSWER, "answer-malformed", C, True, Outcome.ABANDONED),
    (Local.MEDIA_NOT_AGREED, "media-not-agreed", C, False, Outcome.ABANDONED),
    (Local.MEDIA_ADDRESS_UNKNOWN, "media-address-unknown", C, False, Outcome.ABANDONED),
    (Local.ANSWERED_WITHOUT_MEDIA, "answered-without-media", P, False, Outcome.ABANDONED),
    (Local.MEDIA_UNAVAILABLE, "media-unavailable", P, True, Outcome.FAILED),
    (Local.END_UNSEEN, "gateway-closed", P, False, Outcome.UNKNOWN),
    (Local.TRUNK_UNKNOWN, "trunk-unknown", E, False, Outcome.FAILED),
    (Local.CREDENTIALS, "credentials-missing", E, False, Outcome.FAILED),
    (Local.CHALLENGE, "challenge-unusable", C, False, Outcome.FAILED),
]


@pytest.mark.parametrize(("status", "reason", "cause", "party", "may_redial", "outcome"), TABLE)
def test_a_final_status_with_its_reason_means_what_its_row_says(
    status: int, reason: str | None, cause: str, party: Party, may_redial: bool, outcome: Outcome
) -> None:
    failure = from_status(status, reason)
    assert (failure.cause, failure.party, failure.may_redial, failure.outcome) == (cause, party, may_redial, outcome)
    assert (failure.sip_status, failure.reason_header) == (status, reason)


ANALYTICS = 'Q.850;cause=21;text="v=analytics1;url=https://blocked.example;tel=+12155550112"'


@pytest.mark.parametrize(
    ("status", "reason", "cause"),
    [
        (480, "SIP;cause=607", "marked-unwanted-by-callee"),
        (603, 'Q.850;cause=21, SIP;cause=607;text="Unwanted"', "marked-unwanted-by-callee"),
        (486, "SIP;cause=607", "marked-unwanted-by-callee"),
        (403, "sip ; cause=608", "rejected-by-analytics"),
        (603, ANALYTICS, "rejected-by-analytics"),
        (480, 'SIP;cause=603;text="Decline"', "callee-rejected"),
        (500, "SIP;cause=486", "callee-busy"),
        (480, "SIP;cause=404", "number-unallocated"),
        (480, "SIP;cause=486, Q.850;cause=20", "subscriber-absent"),  # nearer to the callee
        (480, "Q.850;cause=31, SIP;cause=486", "callee-busy"),  # no row has 31
        (487, 'SIP;cause=200;text="Call completed elsewhere"', "no-answer"),
        (480, "SIP;cause=480", "temporarily-unavailable"),
        (404, 'SIP;cause=404, Q.850;cause=3;text="v=analytics"', "no-route-to-destination"),
        (410, "SIP;cause=486", "number-gone"),
    ],
)
def test_a_status_that_a_reason_tells_counts_where_it_says_more(status: int, reason: str, cause: str) -> None:
    assert from_status(status, reason).cause == cause


@pytest.mark.parametrize(("what", "cause", "party", "may_redial", "outcome"), LOCAL_TABLE)
def test_what_happens_on_our_side_means_what_its_row_says(
    what: Local, cause: str, party: Party, may_redial: bool, outcome: Outcome
) -> None:
    failure = from_local(what)
    assert (failure.cause, failure.party, failure.may_redial, failure.outcome) == (cause, party, may_redial, outcome)


def test_every_local_happening_has_its_row_here_and_there() -> None:
    assert {row[0] for row in LOCAL_TABLE} == set(Local) == set(BY_LOCAL)


def test_every_row_is_reached_by_the_wire() -> None:
    for status, row in BY_STATUS.items():
        if status in (401, 407):  # without credentials of ours the cause is that they are missing
            continue
        desk = Desk()
        _, invite = desk.place()
        desk.reply(invite, status, extra="Reason: SIP;cause=200\r\n")
        failure = desk.event(CallFailed).failure
        assert (failure.cause, failure.sip_status) == (row.cause, status)


def test_causes_are_kebab_case_and_a_cause_means_one_outcome_only() -> None:
    outcomes: dict[str, set[Outcome]] = {}
    for row in (*BY_STATUS.values(), *BY_RELEASE_CAUSE.values(), *BY_LOCAL.values()):
        assert row.cause == row.cause.lower()
        assert " " not in row.cause
        outcomes.setdefault(row.cause, set()).add(row.outcome)
    assert {cause: found for cause, found in outcomes.items() if len(found) > 1 and cause != "redirected"} == {}


@pytest.mark.parametrize(
    ("header", "cause"),
    [
        ('SIP;cause=487;text="a, Q.850;cause=99", Q.850;cause=17', 17),
        ('Q.850;text="No, not here";cause=21', 21),
        ('q.850 ; CAUSE = "34" ; text=Normal call clearing', 34),
        ("Q.850;text=no quotes, no sense;cause=16, Q.850;cause=1", 1),
        ('SIP;text="open, Q.850;cause=17', None),
        ("X-Q.850;cause=17", None),
        ('Q.850;cause=16;text="Terminated"', 16),
        ('SIP;cause=200;text="x", q.850 ; cause = 17', 17),
        ("Q.850;text=x;cause=18", 18),
        ("SIP;cause=600", None),
        ("Q.850;cause=1600", None),
        ("Q.850;cause=200", None),
        ("", None),
        (None, None),
    ],
)
def test_the_release_cause_is_read_from_reason_headers(header: str | None, cause: int | None) -> None:
    assert release_cause_of(header) == cause


def test_a_cause_on_a_second_reason_line_decides_about_the_call() -> None:
    desk = Desk()
    _, invite = desk.place()
    desk.reply(invite, 480, extra='Reason: SIP;cause=480;text="a, b"\r\nReason: Q.850;text="x, y";cause=1\r\n')
    failure = desk.event(CallFailed).failure
    assert (failure.cause, failure.release_cause) == ("number-unallocated", 1)


def test_a_challenge_of_an_unknown_kind_is_no_fault_of_the_password() -> None:
    desk = Desk()
    _, invite = desk.place(credentials=Credentials("alice", "secret"))
    desk.reply(invite, 407, extra='Proxy-Authenticate: Digest realm="r", nonce="n", algorithm=SHA-999\r\n')
    assert desk.event(CallFailed).failure.cause == "challenge-unusable"
