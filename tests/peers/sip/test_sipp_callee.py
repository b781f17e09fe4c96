"""We call, SIPp is called: what SIPp saw must be its scenario to the letter, and what we conclude must fit."""

from pathlib import Path

import pytest
from tests.peers.peers import until_async
from tests.peers.sip.phone import Phone, in_loop
from tests.peers.sip.sipp import Sipp

from baitie.adapters.sip.settings import EndpointSettings
from baitie.kernel.errors import Party
from baitie.kernel.outcome import EndedBy, Outcome
from baitie.wire.sdp import Direction, parse_sdp_untrusted
from baitie.wire.sip.auth import Credentials
from baitie.wire.sip.effects import (
    CallAnswered,
    CallEnded,
    CallFailed,
    CallProgressed,
    Flow,
    MediaOffered,
    Registered,
    Unregistered,
)
from baitie.wire.sip.settings import RegisterRequest

CALLS_AT_ONCE = 100
CREDENTIALS = Credentials("enterprise", "correct horse")


def udp(sipp: Sipp) -> Flow:
    return Flow("UDP", "127.0.0.1", sipp.port)


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
@in_loop
async def test_an_answered_call_that_we_end_is_acknowledged_and_ended_at_the_peer(
    tmp_path: Path, transport: str
) -> None:
    with Sipp(tmp_path, "callee_answers", transport=transport) as sipp:
        async with Phone(EndpointSettings(tcp_port=0)) as phone:
            call = phone.call(Flow(transport, "127.0.0.1", sipp.port))
            answered = await phone.event(CallAnswered, call)
            assert phone.agree_on(answered.sdp).direction is Direction.SENDRECV
            phone.endpoint.hang_up(call)
            assert (await phone.event(CallEnded, call)).by is EndedBy.US
        await sipp.succeeded()
    assert [event.status for event in phone.of(CallProgressed)] == [180]
    assert [len(sipp.received(method)) for method in ("INVITE", "ACK", "BYE", "CANCEL")] == [1, 1, 1, 0]


@in_loop
async def test_many_calls_at_once_all_end_at_the_peer(tmp_path: Path) -> None:
    # The patient scenario: on a busy machine a repeated 200 gets its ACK late, which the strict one calls an error.
    with Sipp(tmp_path, "callee_answers_under_loss", calls=CALLS_AT_ONCE) as sipp:
        async with Phone() as phone:
            calls = [phone.call(udp(sipp)) for _ in range(CALLS_AT_ONCE)]
            for call in calls:
                await phone.event(CallAnswered, call, within_s=20)
                phone.endpoint.hang_up(call)
            ended = [await phone.event(CallEnded, call, within_s=20) for call in calls]
        received = list(sipp.received_by_call().values())
        # On a busy machine the peer's socket may overflow and lose an ACK; nobody repeats it after the BYE.
        assert len(received) == CALLS_AT_ONCE
        assert all({"INVITE", "BYE"} <= methods <= {"INVITE", "ACK", "BYE"} for methods in received)
        assert not sipp.errors
    assert all(event.failure is None for event in ended)


@pytest.mark.parametrize(
    ("status", "outcome", "party", "may_redial"),
    [
        ("486 Busy Here", Outcome.BUSY, Party.CALLEE, True),
        ("603 Decline", Outcome.REJECTED, Party.CALLEE, True),
        ("404 Not Found", Outcome.UNALLOCATED, Party.CALLEE, False),
        ("480 Temporarily Unavailable", Outcome.UNREACHABLE, Party.CALLEE, True),
        ("503 Service Unavailable", Outcome.FAILED, Party.CARRIER, True),
        ("403 Forbidden", Outcome.FAILED, Party.ENTERPRISE, False),
    ],
)
@in_loop
async def test_a_refusal_is_acknowledged_and_concluded_from_its_status(
    tmp_path: Path, status: str, outcome: Outcome, party: Party, may_redial: bool
) -> None:
    with Sipp(tmp_path, "callee_rings_then_refuses", fill_in={"status": status}) as sipp:
        async with Phone() as phone:
            failure = (await phone.event(CallFailed, phone.call(udp(sipp)))).failure
        await sipp.succeeded()
    assert (failure.sip_status, failure.outcome) == (int(status[:3]), outcome)
    assert (failure.party, failure.may_redial) == (party, may_redial)
    assert len(sipp.received("INVITE")) == 1


@in_loop
async def test_a_refusal_before_ringing_is_acknowledged(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_refuses", fill_in={"status": "486 Busy Here"}) as sipp:
        async with Phone() as phone:
            failure = (await phone.event(CallFailed, phone.call(udp(sipp)))).failure
        await sipp.succeeded()
    assert failure.outcome is Outcome.BUSY
    assert not phone.of(CallProgressed)


@in_loop
async def test_a_redirection_is_reported_and_not_followed(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_redirects") as sipp:
        async with Phone() as phone:
            failure = (await phone.event(CallFailed, phone.call(udp(sipp)))).failure
        await sipp.succeeded()
    assert failure.sip_status == 302
    assert "elsewhere@192.0.2.7" in failure.details["contacts"]
    assert len(sipp.received("INVITE")) == 1


@in_loop
async def test_no_answer_in_time_is_cancelled(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_rings_on") as sipp:
        async with Phone() as phone:
            failure = (await phone.event(CallFailed, phone.call(udp(sipp), ring_timeout_s=0.3))).failure
        await sipp.succeeded()
    assert failure.outcome is Outcome.NO_ANSWER
    assert len(sipp.received("CANCEL")) == 1
    assert sipp.received("CANCEL")[0].header("Via") == sipp.received("INVITE")[0].header("Via")


@in_loop
async def test_hanging_up_while_it_rings_cancels(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_rings_on") as sipp:
        async with Phone() as phone:
            call = phone.call(udp(sipp))
            await phone.event(CallProgressed, call)
            phone.endpoint.hang_up(call)
            failure = (await phone.event(CallFailed, call)).failure
        await sipp.succeeded()
    assert failure.outcome is Outcome.CANCELLED


@pytest.mark.parametrize(
    "scenario", ["callee_answers_as_cancel_arrives", "callee_answered_before_cancel", "callee_answers_late"]
)
@in_loop
async def test_an_answer_that_crosses_our_cancel_is_acknowledged_and_ended(tmp_path: Path, scenario: str) -> None:
    with Sipp(tmp_path, scenario) as sipp:
        async with Phone() as phone:
            call = phone.call(udp(sipp))
            await phone.event(CallProgressed, call)
            phone.endpoint.hang_up(call)
            failure = (await phone.event(CallFailed, call)).failure
            await sipp.succeeded()
    assert failure.cause == "answered-while-cancelling"
    assert not phone.of(CallAnswered)
    assert [len(sipp.received(method)) for method in ("CANCEL", "ACK", "BYE")] == [1, 1, 1]


@in_loop
async def test_the_callee_may_hang_up_and_says_why(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_hangs_up") as sipp:
        async with Phone() as phone:
            ended = await phone.event(CallEnded, phone.call(udp(sipp)))
        await sipp.succeeded()
    assert ended.by is EndedBy.CALLEE
    assert "cause=16" in (ended.reason_header or "")


@in_loop
async def test_hold_and_resume_by_reinvite_are_answered_in_kind(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_reinvites") as sipp:
        async with Phone() as phone:
            call = phone.call(udp(sipp))
            await until_async(lambda: len(sipp.received("ACK")) + len(phone.of(MediaOffered)) >= 2, 5, "the hold")
            await until_async(lambda: len(phone.of(MediaOffered)) == 2, 5, "the resumption")
            directions = [agreed.direction for agreed in phone.agreements]
            await until_async(lambda: len(sipp.sent("ACK")) == 2, 5, "both re-INVITEs are acknowledged")
            phone.endpoint.hang_up(call)
            await phone.event(CallEnded, call)
        await sipp.succeeded()
    assert directions == [Direction.RECVONLY, Direction.SENDRECV]
    assert len(phone.of(CallAnswered)) == 1


@in_loop
async def test_options_within_a_call_are_answered(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_asks_for_options") as sipp:
        async with Phone() as phone:
            call = phone.call(udp(sipp))
            await until_async(lambda: sipp.received("SIP/2.0 200"), 5, "OPTIONS is answered")
            phone.endpoint.hang_up(call)
            await phone.event(CallEnded, call)
        await sipp.succeeded()


@pytest.mark.parametrize("scenario", ["callee_challenges_401", "callee_challenges_407"])
@in_loop
async def test_an_md5_challenge_is_answered_with_credentials_that_the_peer_verifies(
    tmp_path: Path, scenario: str
) -> None:
    with Sipp(tmp_path, scenario) as sipp:
        async with Phone() as phone:
            call = phone.call(udp(sipp), credentials=CREDENTIALS)
            await phone.event(CallAnswered, call)
            phone.endpoint.hang_up(call)
            await phone.event(CallEnded, call)
        await sipp.succeeded()
    first, second = sipp.received("INVITE")
    assert first.header("Call-ID") == second.header("Call-ID")
    assert [first.header("CSeq"), second.header("CSeq")] == ["1 INVITE", "2 INVITE"]


@in_loop
async def test_a_challenge_without_credentials_is_our_enterprises_fault(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_refuses", fill_in={"status": "401 Unauthorized"}) as sipp:
        async with Phone() as phone:
            failure = (await phone.event(CallFailed, phone.call(udp(sipp)))).failure
        await sipp.succeeded()
    assert (failure.party, failure.may_redial) == (Party.ENTERPRISE, False)


@in_loop
async def test_refused_credentials_are_not_offered_again(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_challenges_again") as sipp:
        async with Phone() as phone:
            call = phone.call(udp(sipp), credentials=Credentials("enterprise", "wrong"))
            failure = (await phone.event(CallFailed, call)).failure
        await sipp.succeeded()
    assert failure.sip_status == 401
    assert len(sipp.received("INVITE")) == 2


@in_loop
async def test_a_reliable_provisional_answer_gets_its_prack(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_requires_prack") as sipp:
        async with Phone() as phone:
            call = phone.call(udp(sipp))
            answered = await phone.event(CallAnswered, call)
            phone.agree_on(answered.sdp)
            phone.endpoint.hang_up(call)
            await phone.event(CallEnded, call)
        await sipp.succeeded()
    progressed = phone.of(CallProgressed)
    assert [(event.status, event.reliable) for event in progressed] == [(183, True)]
    assert len(sipp.received("PRACK")) == 1


@in_loop
async def test_an_update_while_it_rings_holds_though_the_answer_repeats_what_was_said_before(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_updates_early") as sipp:
        async with Phone() as phone:
            call = phone.call(udp(sipp))
            answered = await phone.event(CallAnswered, call)
            phone.endpoint.hang_up(call)
            await phone.event(CallEnded, call)
        await sipp.succeeded()
    (progressed,), (offered,) = phone.of(CallProgressed), phone.of(MediaOffered)
    assert (answered.sdp, answered.is_offer) == (offered.sdp, True)
    early, late = (parse_sdp_untrusted(sdp).media[0].port for sdp in (progressed.sdp, answered.sdp))
    assert late == early + 2


@in_loop
async def test_early_media_is_told_before_the_answer(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_early_media") as sipp:
        async with Phone() as phone:
            call = phone.call(udp(sipp))
            await phone.event(CallAnswered, call)
            phone.endpoint.hang_up(call)
            await phone.event(CallEnded, call)
        await sipp.succeeded()
    assert [(event.status, bool(event.sdp)) for event in phone.of(CallProgressed)] == [(180, False), (183, True)]


@in_loop
async def test_a_session_refreshed_by_the_peer_is_granted(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_refreshes_session") as sipp:
        async with Phone() as phone:
            call = phone.call(udp(sipp), session_expires_s=90)
            await until_async(lambda: sipp.received("ACK") and len(sipp.received("SIP/2.0 200")) == 2, 5, "refreshes")
            phone.endpoint.hang_up(call)
            await phone.event(CallEnded, call)
        await sipp.succeeded()


@in_loop
async def test_a_longer_session_interval_is_offered_when_asked_for(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_wants_longer_session") as sipp:
        async with Phone() as phone:
            call = phone.call(udp(sipp), session_expires_s=1800)
            await phone.event(CallAnswered, call)
            phone.endpoint.hang_up(call)
            await phone.event(CallEnded, call)
        await sipp.succeeded()
    first, second = sipp.received("INVITE")
    assert (first.header("Session-Expires"), second.header("Min-SE")) == ("1800", "3600")


@pytest.mark.parametrize(
    ("scenario", "method"), [("callee_wants_update", "UPDATE"), ("callee_wants_reinvite", "INVITE")]
)
@in_loop
async def test_a_session_that_we_must_refresh_is_refreshed_in_time(tmp_path: Path, scenario: str, method: str) -> None:
    with Sipp(tmp_path, scenario) as sipp:
        async with Phone() as phone:
            call = phone.call(udp(sipp), session_expires_s=1800)
            await phone.event(CallAnswered, call)
            await until_async(lambda: len(sipp.received(method)) == 2 and len(sipp.sent("SIP/2.0 200")) >= 2, 8, method)
            await until_async(lambda: method == "UPDATE" or len(sipp.received("ACK")) == 2, 5, "the ACK")
            phone.endpoint.hang_up(call)
            await phone.event(CallEnded, call)
        await sipp.succeeded()


@in_loop
async def test_a_session_that_the_peer_forgets_to_refresh_is_ended(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_never_refreshes") as sipp:
        async with Phone() as phone:
            call = phone.call(udp(sipp), session_expires_s=1800)
            ended = await phone.event(CallEnded, call, within_s=10)
        await sipp.succeeded()
    assert ended.by is EndedBy.NOBODY
    assert ended.failure is not None
    assert ended.failure.cause == "session-expired"


@in_loop
async def test_cancel_waits_for_the_first_provisional_answer(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_rings_late") as sipp:
        async with Phone() as phone:
            call = phone.call(udp(sipp))
            phone.endpoint.hang_up(call)
            assert (await phone.event(CallFailed, call)).failure.outcome is Outcome.CANCELLED
        await sipp.succeeded()


@pytest.mark.slow
@in_loop
async def test_a_silent_trunk_leaves_the_outcome_unknown_after_timer_b(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_is_silent", fill_in={"silent_ms": "40000"}) as sipp:
        async with Phone() as phone:
            failure = (await phone.event(CallFailed, phone.call(udp(sipp)), within_s=40)).failure
        invites = sipp.received("INVITE")
    assert failure.outcome is Outcome.UNKNOWN
    assert failure.party is Party.CARRIER
    assert len({message.text.strip() for message in invites}) == 1
    assert not sipp.received("CANCEL")


@in_loop
async def test_of_two_devices_that_answer_the_second_is_hung_up(tmp_path: Path) -> None:
    with Sipp(tmp_path, "callee_forks") as sipp:
        async with Phone() as phone:
            call = phone.call(udp(sipp))
            await phone.event(CallAnswered, call)
            await until_async(lambda: sipp.received("BYE"), 5, "the second device is hung up")
            assert not phone.of(CallEnded)
            phone.endpoint.hang_up(call)
            await phone.event(CallEnded, call)
        await sipp.succeeded()
    assert len(phone.of(CallAnswered)) == 1


@in_loop
async def test_a_registration_is_authenticated_renewed_and_taken_back(tmp_path: Path) -> None:
    with Sipp(tmp_path, "registrar") as sipp:
        async with Phone() as phone:
            request = RegisterRequest(
                f"sip:127.0.0.1:{sipp.port}", "sip:enterprise@127.0.0.1", udp(sipp), CREDENTIALS, expires_s=4
            )
            trunk = phone.endpoint.register(request)
            await until_async(lambda: len(phone.of(Registered)) == 2, 8, "the renewal")
            phone.endpoint.unregister(trunk)
            await phone.event(Unregistered)
        await sipp.succeeded()
    registers = sipp.received("REGISTER")
    assert len({message.header("Call-ID") for message in registers}) == 1
    assert [message.header("CSeq") for message in registers] == [f"{n} REGISTER" for n in range(1, len(registers) + 1)]
    last = registers[-1]
    assert last.header("Expires") == "0" or "expires=0" in (last.header("Contact") or "")
