"""Unit: on real sockets, audio goes where the newest offer/answer exchange says, and what it cannot follow is told."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
from tests.unit.adapters_calls.callee import PROMPT, Ear, Story, sdp, tell

from baitie.adapters.calls.in_order import NAMES_KEPT_MAX, HostNames
from baitie.app.ports.calls import CallAnswered, CallEnded, CallFailed, CallRinging
from baitie.kernel.outcome import EndedBy, Outcome
from baitie.wire.sdp import parse_sdp_untrusted
from baitie.wire.sip.message import Request

RELIABLE = "Require: 100rel\r\nRSeq: 7\r\n"
TIMER = "Session-Expires: 90;refresher=uac\r\nAllow: INVITE\r\n"


async def talking(story: Story, ear: Ear) -> Request:
    """An answered call in which a prompt is played."""
    invite = await story.place()
    story.callee.reply(invite, 200, body=sdp(ear))
    await story.event(CallAnswered)
    await story.callee.request("ACK")
    story.gateway.play(story.told[-1].attempt_id, 1, (PROMPT,))
    await story.hears(ear)
    return invite


async def early(story: Story, a: Ear, b: Ear) -> Request:
    """Reliable 183 with address a, PRACK, UPDATE to address b."""
    invite = await story.place()
    story.callee.reply(invite, 183, RELIABLE, sdp(a))
    story.callee.reply(await story.callee.request("PRACK"), 200)
    story.callee.send("UPDATE", 5, invite, body=sdp(b))
    await story.callee.response("5 UPDATE")
    return invite


@pytest.mark.parametrize("repeats", [False, True])
def test_after_an_early_update_the_callee_is_heard_at_the_new_address(tmp_path: Path, repeats: bool) -> None:
    async def story(told: Story) -> None:
        a, b = await told.ear(), await told.ear()
        invite = await early(told, a, b)
        told.callee.reply(invite, 200, body=sdp(a) if repeats else b"")
        await told.event(CallAnswered)
        told.gateway.play(told.told[-1].attempt_id, 1, (PROMPT,))
        await told.hears(b, a)

    tell(story, tmp_path / "prompt")


def test_a_reinvite_without_a_description_moves_the_audio_by_its_ack(tmp_path: Path) -> None:
    async def story(told: Story) -> None:
        a, b = await told.ear(), await told.ear()
        invite = await talking(told, a)
        told.callee.send("INVITE", 5, invite)
        offer = await told.callee.response("5 INVITE")
        first = parse_sdp_untrusted(invite.body)
        again = parse_sdp_untrusted(offer.body)
        assert (again.session_id, int(again.version)) == (first.session_id, int(first.version) + 1)
        told.callee.send("ACK", 5, invite, body=sdp(b))
        await told.hears(b, a)

    tell(story, tmp_path / "prompt")


def test_a_hold_that_comes_in_the_ack_stops_our_sending_and_a_later_offer_resumes_it(tmp_path: Path) -> None:
    async def story(told: Story) -> None:
        a, b = await told.ear(), await told.ear()
        invite = await talking(told, a)
        told.callee.send("INVITE", 5, invite)
        await told.callee.response("5 INVITE")
        told.callee.send("ACK", 5, invite, body=sdp(b, "inactive"))
        told.callee.send("OPTIONS", 6, invite)
        await told.callee.response("6 OPTIONS")
        told.callee.send("UPDATE", 7, invite, body=sdp(a))
        await told.callee.response("7 UPDATE")
        await told.hears(a)
        assert b.heard == 0

    tell(story, tmp_path / "prompt")


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_audio_that_is_taken_away_stops_our_sending_and_the_call_stands(tmp_path: Path, method: str) -> None:
    async def story(told: Story) -> None:
        a = await told.ear()
        invite = await talking(told, a)
        told.callee.send(method, 5, invite, body=sdp(a).replace(f"m=audio {a.port}".encode(), b"m=audio 0"))
        answer = await told.callee.response(f"5 {method}")
        assert [section.port for section in parse_sdp_untrusted(answer.body).media] == [0]
        if method == "INVITE":
            told.callee.send("ACK", 5, invite)
        heard = a.heard
        await asyncio.sleep(0.2)
        assert a.heard <= heard + 1
        told.callee.send("UPDATE", 6, invite, body=sdp(a))
        await told.callee.response("6 UPDATE")
        await told.hears(a)
        assert told.of(CallEnded) == []

    tell(story, tmp_path / "prompt")


def test_an_answer_that_cannot_be_used_leaves_the_call_as_it_was(tmp_path: Path) -> None:
    async def story(told: Story) -> None:
        a, b = await told.ear(), await told.ear()
        invite = await talking(told, a)
        told.callee.send("INVITE", 5, invite)
        await told.callee.response("5 INVITE")
        told.callee.send("ACK", 5, invite, body=sdp(b, formats="18"))
        told.callee.send("INVITE", 6, invite, body=sdp(b, formats="18"))
        await told.callee.response("6 INVITE", 488)
        await told.hears(a, b)
        assert told.of(CallEnded) == []

    tell(story, tmp_path / "prompt")


# Answered, and nobody to be heard


async def thrown_away(told: Story, answer: Callable[[Ear], tuple[str, bytes]], cause: str) -> None:
    ear = await told.ear()
    invite = await told.place()
    extra, body = answer(ear)
    told.callee.reply(invite, 200, extra, body)
    told.callee.reply(await told.callee.request("BYE"), 200)
    failure = (await told.event(CallFailed)).failure
    assert (failure.outcome, failure.sip_status, failure.cause) == (Outcome.ABANDONED, 200, cause)
    assert told.of(CallAnswered) == []


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (lambda ear: ("", b""), "media-not-agreed"),
        (lambda ear: ("", b"v=1\r\n"), "media-not-agreed"),
        (lambda ear: ("", sdp(ear, formats="18")), "media-not-agreed"),
        (lambda ear: ("", sdp(ear).replace(b"RTP/AVP", b"RTP/SAVP")), "media-not-agreed"),
        (lambda ear: ("Content-Type: application/isup\r\n", b"\x01"), "media-not-agreed"),
        (lambda ear: ("Content-Type: multipart/mixed\r\n", b"--x\r\n"), "media-not-agreed"),
        (lambda ear: ("", sdp(ear, host="nowhere.example")), "media-address-unknown"),
    ],
)
def test_who_picked_up_and_was_hung_up_on_was_abandoned(
    tmp_path: Path, answer: Callable[[Ear], tuple[str, bytes]], cause: str
) -> None:
    async def nothing(host: str) -> list[str]:
        raise OSError(host)

    tell(partial(thrown_away, answer=answer, cause=cause), tmp_path / "prompt", nothing)


# Names in place of addresses


def named(*addresses: str) -> Callable[[str], Awaitable[list[str]]]:
    async def resolve(host: str) -> list[str]:
        assert host == "media.example.net"
        return [*addresses]

    return resolve


def test_a_name_in_place_of_an_address_is_looked_up_and_its_call_is_heard(tmp_path: Path) -> None:
    async def story(told: Story) -> None:
        a, b = await told.ear(), await told.ear()
        invite = await told.place()
        told.callee.reply(invite, 183, body=sdp(a, host="media.example.net"))
        told.callee.reply(invite, 200, body=sdp(a, host="media.example.net"))
        await told.event(CallAnswered)
        told.gateway.play(told.told[-1].attempt_id, 1, (PROMPT,))
        await told.hears(a)
        told.callee.send("INVITE", 5, invite, body=sdp(b, host="media.example.net"))
        await told.callee.response("5 INVITE")
        told.callee.send("ACK", 5, invite)
        await told.hears(b, a)

    told = tell(story, tmp_path / "prompt", named("::1", "127.0.0.1"))
    assert [type(event) for event in told if not isinstance(event, CallEnded)][:2] == [CallRinging, CallAnswered]
    assert isinstance(told[-1], CallEnded)


def test_what_happens_while_a_name_is_looked_up_is_told_in_its_order(tmp_path: Path) -> None:
    async def story(told: Story) -> None:
        ear = await told.ear()
        invite = await told.place()
        told.callee.reply(invite, 200, body=sdp(ear, host="media.example.net"))
        await told.callee.request("ACK")
        told.callee.send("BYE", 5, invite)
        await told.callee.response("5 BYE")
        assert told.of(CallAnswered) == []
        looked_up.set()
        assert (await told.event(CallEnded)).ended_by is EndedBy.CALLEE
        assert [type(event) for event in told.told] == [CallAnswered, CallEnded]

    looked_up = asyncio.Event()

    async def slowly(host: str) -> list[str]:
        await looked_up.wait()
        return ["127.0.0.1"]

    tell(story, tmp_path / "prompt", slowly)


def test_names_are_asked_for_once_and_kept_within_bounds() -> None:
    asked: list[str] = []

    async def resolve(host: str) -> list[str]:
        asked.append(host)
        if host == "gone":
            raise OSError(host)
        if host == "slow":
            raise TimeoutError
        return ["192.0.2.1"]

    async def main() -> None:
        names = HostNames(resolve)
        assert not names.is_new("")
        for host in ("media", "gone", "slow", "a" * 70 + ".example"):
            assert names.is_new(host)
            await names.find(host)
            assert not names.is_new(host)
        assert [names.addresses[host] for host in ("media", "gone", "slow")] == ["192.0.2.1", "", ""]
        for number in range(NAMES_KEPT_MAX):
            await names.find(f"h{number}")
        assert len(names.addresses) == NAMES_KEPT_MAX
        assert names.is_new("media")
        names.are_ipv6 = True
        await names.find("media")
        assert names.addresses["media"] == ""

    asyncio.run(main())


def test_the_systems_own_names_are_found() -> None:
    async def main() -> None:
        names = HostNames()
        await names.find("localhost")
        await names.find("no label may be so long." + "x" * 64)
        assert names.addresses["localhost"] == "127.0.0.1"
        assert names.addresses["no label may be so long." + "x" * 64] == ""

    asyncio.run(main())
