"""Asterisk 22 as trunk: calls over UDP, TCP and TLS, digest, registration, and calls from it to us.

What Asterisk logged is asserted beside what we saw.
"""

import re
from pathlib import Path

import pytest
from tests.peers.peers import until_async
from tests.peers.sip.asterisk import PASSWORD, Asterisk
from tests.peers.sip.conftest import Authority, make_authority
from tests.peers.sip.phone import Phone, in_loop

from baitie.adapters.sip.settings import EndpointSettings, TlsSettings
from baitie.kernel.errors import Party
from baitie.kernel.outcome import EndedBy, Outcome
from baitie.wire.sip.auth import Credentials
from baitie.wire.sip.effects import (
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallFailed,
    CallProgressed,
    Flow,
    KeyByInfo,
    Registered,
    RegistrationFailed,
    Unregistered,
)
from baitie.wire.sip.settings import RegisterRequest


def udp(asterisk: Asterisk) -> Flow:
    return Flow("UDP", "127.0.0.1", asterisk.udp_port)


def credentials(user: str, password: str = PASSWORD) -> Credentials:
    return Credentials(user, password)


async def logged(asterisk: Asterisk, pattern: str, since: int = 0, within_s: float = 10.0) -> re.Match[str]:
    """Wait for a line in what Asterisk has logged after position `since`."""
    found = await until_async(lambda: re.search(pattern, asterisk.log[since:]), within_s, f"Asterisk logs {pattern!r}")
    assert found is not None
    return found


@pytest.mark.parametrize(("transport", "is_secure"), [("UDP", 0), ("TCP", 0), ("TLS", 1)])
@in_loop
async def test_a_call_is_answered_and_ended_over(
    asterisk: Asterisk, authority: Authority, transport: str, is_secure: int
) -> None:
    port = {"UDP": asterisk.udp_port, "TCP": asterisk.tcp_port, "TLS": asterisk.tls_port}[transport]
    settings = EndpointSettings(
        tcp_port=0, tls_port=0, tls=TlsSettings(authority.certificate_file, authority.key_file, authority.ca_file)
    )
    since = len(asterisk.log)
    async with Phone(settings) as phone:
        call = phone.call(Flow(transport, "127.0.0.1", port), to="answer", from_user="plain")
        answered = await phone.event(CallAnswered, call)
        phone.agree_on(answered.sdp)
        # Echo sends back what it hears.
        await phone.hear_echo(10)
        said = await logged(asterisk, r"app_verbose.c: PEER answered plain secure=(\d)", since)
        phone.endpoint.hang_up(call)
        assert (await phone.event(CallEnded, call)).by is EndedBy.US
        await logged(asterisk, "app_verbose.c: PEER hung up", since)
    assert int(said[1]) == is_secure
    assert f"from {transport}:127.0.0.1" in asterisk.log[since:]
    assert asterisk.channels == 0


@in_loop
async def test_a_certificate_of_another_authority_is_refused_before_anything_is_sent(
    asterisk: Asterisk, tmp_path: Path
) -> None:
    stranger = make_authority(tmp_path)
    since = len(asterisk.log)
    async with Phone(EndpointSettings(tcp_port=0, tls=TlsSettings(ca_file=stranger.ca_file))) as phone:
        call = phone.call(Flow("TLS", "127.0.0.1", asterisk.tls_port), to="answer", from_user="plain")
        failure = (await phone.event(CallFailed, call)).failure
    assert (failure.cause, failure.outcome) == ("trunk-unreachable", Outcome.FAILED)
    assert "INVITE sip:" not in asterisk.log[since:]


@in_loop
async def test_keys_pass_both_ways(asterisk: Asterisk) -> None:
    since = len(asterisk.log)
    async with Phone() as phone:
        call = phone.call(udp(asterisk), to="keys", from_user="plain")
        phone.agree_on((await phone.event(CallAnswered, call)).sdp)
        async with phone.talk() as session:
            assert session.send_keys("1*3")
            await logged(asterisk, re.escape("app_verbose.c: PEER heard 1*3"), since)
            await until_async(lambda: len(phone.keys_heard) == 3, 10, "three keys of Asterisk")
        phone.endpoint.hang_up(call)
        await phone.event(CallEnded, call)
    assert phone.keys_heard == "59#"


@in_loop
async def test_keys_that_asterisk_sends_by_info_are_told_once_each(asterisk: Asterisk) -> None:
    async with Phone() as phone:
        call = phone.call(udp(asterisk), to="info-keys", from_user="info")
        answered = await phone.event(CallAnswered, call)
        assert not answered.takes_info  # its Allow does not list what it sends
        phone.agree_on(answered.sdp)
        await until_async(lambda: len(phone.of(KeyByInfo)) >= 5, 10, "five keys of Asterisk")
        phone.endpoint.hang_up(call)
        await phone.event(CallEnded, call)
    assert [event.key for event in phone.of(KeyByInfo)] == ["9", "*", "9", "#", "D"]
    assert phone.keys_heard == ""


@in_loop
async def test_asterisk_may_hang_up_and_its_cause_is_kept(asterisk: Asterisk) -> None:
    since = len(asterisk.log)
    async with Phone() as phone:
        call = phone.call(udp(asterisk), to="hang-up", from_user="plain")
        ended = await phone.event(CallEnded, call)
    assert ended.by is EndedBy.CALLEE
    assert "cause=16" in (ended.reason_header or "")
    await logged(asterisk, "app_verbose.c: PEER hung up", since)


@pytest.mark.parametrize(
    ("extension", "outcome", "party"),
    [
        ("busy", Outcome.BUSY, Party.CALLEE),
        ("reject", Outcome.REJECTED, Party.CALLEE),
        ("unallocated", Outcome.UNALLOCATED, Party.CALLEE),
        ("congestion", Outcome.FAILED, Party.CARRIER),
        ("no-such-extension", Outcome.UNALLOCATED, Party.CALLEE),
    ],
)
@in_loop
async def test_a_release_cause_of_asterisk_is_concluded_as(
    asterisk: Asterisk, extension: str, outcome: Outcome, party: Party
) -> None:
    async with Phone() as phone:
        failure = (await phone.event(CallFailed, phone.call(udp(asterisk), to=extension, from_user="plain"))).failure
    assert (failure.outcome, failure.party) == (outcome, party)


@in_loop
async def test_a_ringing_call_is_cancelled_at_asterisk(asterisk: Asterisk) -> None:
    since = len(asterisk.log)
    async with Phone() as phone:
        call = phone.call(udp(asterisk), to="ring", from_user="plain", ring_timeout_s=0.5)
        failure = (await phone.event(CallFailed, call)).failure
        await logged(asterisk, "app_verbose.c: PEER hung up", since)
    assert failure.outcome is Outcome.NO_ANSWER
    assert phone.of(CallProgressed)[0].status == 180
    assert asterisk.channels == 0


@in_loop
async def test_early_media_is_heard_before_the_answer(asterisk: Asterisk) -> None:
    async with Phone() as phone:
        call = phone.call(udp(asterisk), to="early", from_user="plain")
        await phone.event(CallAnswered, call)
        phone.endpoint.hang_up(call)
        await phone.event(CallEnded, call)
    assert (183, True) in [(event.status, bool(event.sdp)) for event in phone.of(CallProgressed)]
    assert phone.rtp_received, "the key that Asterisk pressed before the answer"


@pytest.mark.parametrize(("user", "algorithm"), [("md5", "MD5"), ("sha256", "SHA-256")])
@in_loop
async def test_a_challenge_of_asterisk_is_answered_with(asterisk: Asterisk, user: str, algorithm: str) -> None:
    since = len(asterisk.log)
    async with Phone() as phone:
        call = phone.call(udp(asterisk), to="answer", from_user=user, credentials=credentials(user))
        await phone.event(CallAnswered, call)
        await logged(asterisk, f"PEER answered {user}", since)
        phone.endpoint.hang_up(call)
        await phone.event(CallEnded, call)
    offered = re.search(r"^WWW-Authenticate: Digest .*algorithm=([\w-]+)", asterisk.log[since:], re.MULTILINE)
    given = re.search(r"^Authorization: Digest .*algorithm=([\w-]+)", asterisk.log[since:], re.MULTILINE)
    assert offered is not None
    assert given is not None
    assert offered[1] == given[1] == algorithm


@in_loop
async def test_a_wrong_password_is_the_enterprises_fault(asterisk: Asterisk) -> None:
    async with Phone() as phone:
        call = phone.call(udp(asterisk), to="answer", from_user="md5", credentials=credentials("md5", "wrong"))
        failure = (await phone.event(CallFailed, call, within_s=15)).failure
    assert (failure.party, failure.may_redial) == (Party.ENTERPRISE, False)


@in_loop
async def test_a_session_timer_that_asterisk_demands_is_agreed(asterisk: Asterisk) -> None:
    since = len(asterisk.log)
    async with Phone() as phone:
        call = phone.call(udp(asterisk), to="answer", from_user="timed", session_expires_s=1800)
        await phone.event(CallAnswered, call)
        await logged(asterisk, "PEER answered timed", since)
        phone.endpoint.hang_up(call)
        await phone.event(CallEnded, call)
    transmitted = asterisk.log[since:].partition("SIP/2.0 200 OK")[2]
    assert re.search(r"^Session-Expires: \d+;refresher=ua[cs]", transmitted, re.MULTILINE)


@in_loop
async def test_a_provisional_answer_that_asterisk_sends_reliably_gets_its_prack(asterisk: Asterisk) -> None:
    since = len(asterisk.log)
    async with Phone() as phone:
        call = phone.call(udp(asterisk), to="early", from_user="prack")
        await phone.event(CallAnswered, call)
        phone.endpoint.hang_up(call)
        await phone.event(CallEnded, call)
    assert any(event.reliable for event in phone.of(CallProgressed))
    assert re.search(r"^PRACK sip:", asterisk.log[since:], re.MULTILINE)


def register_request(asterisk: Asterisk, user: str, password: str = PASSWORD, expires_s: int = 3600) -> RegisterRequest:
    host = f"127.0.0.1:{asterisk.udp_port}"
    return RegisterRequest(
        f"sip:{host}",
        f"sip:{user}@{host}",
        udp(asterisk),
        credentials(user, password),
        expires_s=expires_s,
        contact_user=user,
    )


def contact_of(asterisk: Asterisk, user: str) -> str:
    """The contact Asterisk keeps for this address of record, empty when none."""
    found = re.search(rf"Contact: +{user}/(sip:\S+)", asterisk.run("pjsip show contacts"))
    return found[1] if found else ""


@pytest.mark.parametrize("user", ["md5", "sha256"])
@in_loop
async def test_a_registration_is_kept_renewed_called_and_taken_back(asterisk: Asterisk, user: str) -> None:
    since = len(asterisk.log)
    async with Phone() as phone:
        trunk = phone.endpoint.register(register_request(asterisk, user, expires_s=3))
        await phone.event(Registered)
        port = phone.endpoint.addresses["UDP"][1]
        assert contact_of(asterisk, user).startswith(f"sip:{user}@127.0.0.1:{port}")

        asterisk.run(f"channel originate PJSIP/{user} extension talk@outgoing")
        call = (await phone.event(CallConfirmed)).call
        await logged(asterisk, "PEER was answered", since)
        phone.endpoint.hang_up(call)
        await phone.event(CallEnded, call)
        await logged(asterisk, "app_verbose.c: PEER hung up", since)

        await until_async(lambda: len(phone.of(Registered)) >= 2, 10, "the renewal")
        assert contact_of(asterisk, user)
        phone.endpoint.unregister(trunk)
        await phone.event(Unregistered)
        assert not contact_of(asterisk, user)
    assert not phone.of(RegistrationFailed)


@in_loop
async def test_a_registration_with_a_wrong_password_fails_and_is_not_repeated_at_once(asterisk: Asterisk) -> None:
    since = len(asterisk.log)
    async with Phone() as phone:
        trunk = phone.endpoint.register(register_request(asterisk, "md5", "wrong"))
        failed = await phone.event(RegistrationFailed, within_s=15)
        phone.endpoint.unregister(trunk)
    assert failed.failure.party is Party.ENTERPRISE
    assert len(re.findall(r"^REGISTER sip:", asterisk.log[since:], re.MULTILINE)) <= 4
    assert not contact_of(asterisk, "md5")


@pytest.mark.parametrize("transport", ["UDP", "TCP", "TLS"])
@pytest.mark.parametrize(("extension", "by"), [("talk", EndedBy.US), ("hang-up", EndedBy.CALLEE)])
@in_loop
async def test_asterisk_calls_us_and_either_side_hangs_up(
    asterisk: Asterisk, authority: Authority, transport: str, extension: str, by: EndedBy
) -> None:
    tls = TlsSettings(authority.certificate_file, authority.key_file, authority.ca_file)
    since = len(asterisk.log)
    async with Phone(EndpointSettings(tcp_port=0, tls_port=0, tls=tls)) as phone:
        port = phone.endpoint.addresses[transport][1]
        target = f"sip:us@127.0.0.1:{port};transport={transport.lower()}"
        asterisk.run(f"channel originate PJSIP/us/{target} extension {extension}@outgoing")
        call = (await phone.event(CallConfirmed)).call
        await logged(asterisk, "PEER was answered", since)
        if extension == "talk":
            await phone.hear_echo(10)
            phone.endpoint.hang_up(call)
        assert (await phone.event(CallEnded, call)).by is by
        await logged(asterisk, "app_verbose.c: PEER hung up", since)
    assert asterisk.channels == 0


@in_loop
async def test_asterisk_gives_up_and_its_cancel_ends_our_ringing(asterisk: Asterisk) -> None:
    async with Phone(on_offer=lambda phone, call: phone.endpoint.ring(call)) as phone:
        port = phone.endpoint.addresses["UDP"][1]
        asterisk.run(f"channel originate PJSIP/us/sip:us@127.0.0.1:{port} extension talk@outgoing")
        await until_async(lambda: asterisk.channels == 1, 5, "it rings")
        asterisk.run("channel request hangup all")
        assert (await phone.event(CallEnded)).by is EndedBy.CALLEE
    assert not phone.of(CallConfirmed)
