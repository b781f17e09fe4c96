"""SIPp behind a path that loses packets: retransmission timers on both sides carry every call to its end."""

import random
from pathlib import Path

import pytest
from tests.peers.peers import until_async
from tests.peers.sip.phone import Phone, in_loop
from tests.peers.sip.relay import Relay, first_of_each
from tests.peers.sip.sipp import Sipp

from baitie.adapters.sip.settings import EndpointSettings
from baitie.kernel.outcome import EndedBy
from baitie.wire.sip.effects import CallAnswered, CallEnded, CallFailed, CallOffered, Flow

CALLS = 60
THROUGH_THE_PATH = EndpointSettings(answer_to_source=True)


@pytest.mark.parametrize(
    "lost",
    [
        {"INVITE": 2},
        {"200 INVITE": 2},
        {"ACK": 2},
        {"BYE": 2},
        {"200 BYE": 2},
        {"INVITE": 1, "200 INVITE": 1, "ACK": 1, "BYE": 1, "200 BYE": 1},
    ],
    ids=lambda lost: "+".join(f"{count}x{kind.replace(' ', '-')}" for kind, count in lost.items()),
)
@in_loop
async def test_our_call_survives_the_loss_of(tmp_path: Path, lost: dict[str, int]) -> None:
    with Sipp(tmp_path, "callee_answers_under_loss") as sipp:
        async with Relay(("127.0.0.1", sipp.port), first_of_each(lost)) as relay, Phone(THROUGH_THE_PATH) as phone:
            call = phone.call(Flow("UDP", "127.0.0.1", relay.port))
            await phone.event(CallAnswered, call, within_s=10)
            await until_async(lambda: sipp.received("ACK"), 10, "the ACK arrives")
            phone.endpoint.hang_up(call)
            assert (await phone.event(CallEnded, call, within_s=10)).by is EndedBy.US
        assert list(sipp.received_by_call().values()) == [{"INVITE", "ACK", "BYE"}]
        assert not sipp.errors
    assert {kind: count for kind, count in relay.lost.items() if count} == lost
    assert len(phone.of(CallAnswered)) == 1


@pytest.mark.parametrize("lost", [{"INVITE": 1, "200 INVITE": 1, "ACK": 1}, {"BYE": 2, "200 BYE": 1}], ids=str)
@in_loop
async def test_a_call_to_us_survives_the_loss_of(tmp_path: Path, lost: dict[str, int]) -> None:
    async with (
        Phone(THROUGH_THE_PATH) as phone,
        Relay(phone.endpoint.addresses["UDP"], first_of_each(lost)) as relay,
    ):
        with Sipp(tmp_path, "caller_waits_under_loss", remote=("127.0.0.1", relay.port)) as sipp:
            call = (await phone.event(CallOffered, within_s=10)).call
            await until_async(lambda: relay.carried["ACK"], 10, "the ACK arrives")
            phone.endpoint.hang_up(call)
            assert (await phone.event(CallEnded, call, within_s=10)).by is EndedBy.US
            assert len({message.header("Via") for message in sipp.received("BYE")}) == 1
            assert not sipp.errors
    assert {kind: count for kind, count in relay.lost.items() if count} == lost
    assert len(phone.of(CallOffered)) == 1


@in_loop
async def test_with_a_tenth_lost_each_way_every_call_is_answered_and_ended(tmp_path: Path) -> None:
    rng = random.Random(10)
    with Sipp(tmp_path, "callee_answers_under_loss", calls=CALLS) as sipp:
        target = ("127.0.0.1", sipp.port)
        async with Relay(target, lambda data: rng.random() < 0.1) as relay, Phone(THROUGH_THE_PATH) as phone:
            calls = [phone.call(Flow("UDP", "127.0.0.1", relay.port)) for _ in range(CALLS)]
            for call in calls:
                await phone.event(CallAnswered, call, within_s=32)
                phone.endpoint.hang_up(call)
            ended = [await phone.event(CallEnded, call, within_s=32) for call in calls]
        seen = sipp.received_by_call()
        assert not sipp.errors
    assert sum(relay.lost.values()) > CALLS / 3
    assert not phone.of(CallFailed)
    assert [event.failure for event in ended if event.failure is not None] == []
    assert len(seen) == CALLS
    assert all({"INVITE", "BYE"} <= methods for methods in seen.values())
