"""What every inbound gateway keeps, be it simulated or real SIP and RTP: one end for each call that came in."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from baitie.adapters.calls import EmbeddedCallGateway, TrunkRoute
from baitie.adapters.clock import LoopClock, SystemRng
from baitie.adapters.media import MediaEngine
from baitie.adapters.sip.endpoint import SipEndpoint
from baitie.adapters.sip.settings import EndpointSettings
from baitie.app.ports.arrivals import (
    ArrivalConfirmed,
    ArrivalEnded,
    ArrivalEvent,
    CallArrived,
    CallerHeard,
    CallerPressed,
    InboundGateway,
    LineKey,
)
from baitie.app.ports.calls import PlaceCall
from baitie.kernel.ids import AttemptId
from baitie.kernel.outcome import EndedBy
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.time import Instant
from baitie.rehearsal.fast.callers import SimulatedCallers
from baitie.rehearsal.loopback.caller import Caller
from baitie.rehearsal.loopback.handset import HELLO
from baitie.rehearsal.people import CallBackPlan, CallPlan, Reaction
from baitie.rehearsal.population import Population
from baitie.rehearsal.virtual_clock import VirtualClock
from baitie.rehearsal.virtual_time import run_virtually
from baitie.wire.sip.effects import CallKey, Event, Flow

HOST = "127.0.0.1"
CALLEE, SHOWN = PhoneNumber("+8613800000001"), PhoneNumber("+862150000100")
SOUND = Path(__file__).parents[3] / "src" / "baitie" / "rehearsal" / "sounds" / "hello.pcma"
WITHIN_S = 10.0
QUIET_S = 0.4
"""So long nothing may follow the end of a call."""


class OneMinded(Population):
    """Everybody rings back in the same way."""

    def __init__(self, plan: CallBackPlan) -> None:
        self.plan = plan

    def on_call_over(self, number: str, plan: CallPlan, attempt: str = "") -> CallBackPlan | None:
        return self.plan


@dataclass
class Line:
    """One gateway with somebody who calls in, and what it told."""

    gateway: InboundGateway
    wait: Callable[[float], Awaitable[None]]
    is_over: Callable[[], bool] | None = None  # where time is real: whether whoever calls in has put down the receiver
    events: list[ArrivalEvent] = field(default_factory=list)

    async def told(self, kind: type[Any], within_s: float = WITHIN_S) -> Any:
        """The first event of this kind, awaited."""
        for _ in range(round(within_s / 0.02)):
            for event in self.events:
                if isinstance(event, kind):
                    return event
            await self.wait(0.02)
        raise AssertionError(f"no {kind.__name__} in {self.events}")

    async def over(self) -> None:
        """Wait until nothing more can come: virtual time passes, a real caller comes to the end of the call."""
        if self.is_over is None:
            await self.wait(QUIET_S)
            return
        for _ in range(round(WITHIN_S / 0.02)):
            if self.is_over():
                return
            await self.wait(0.02)
        raise AssertionError("whoever calls in never ends the call")


def back(keys: tuple[tuple[float, str], ...] = (), hang_up_after_s: float | None = None) -> CallBackPlan:
    """Rings back at once."""
    return CallBackPlan(0.01, False, CallPlan(Reaction.ANSWER, 0.0, 0.0, keys, hang_up_after_s))


Story = Callable[[Line], Awaitable[None]]


def simulated(plan: CallBackPlan, story: Story, is_listening: bool) -> list[ArrivalEvent]:
    """Tell the story to the simulated gateway."""

    async def main() -> list[ArrivalEvent]:
        loop = asyncio.get_running_loop()
        clock = VirtualClock(loop, LoopClock().civil_now())
        callers = SimulatedCallers(clock, OneMinded(plan), lambda prompt: 0.3)

        async def wait(seconds: float) -> None:
            waited = loop.create_future()
            clock.call_at(Instant(clock.now() + seconds), lambda: waited.set_result(None))
            await waited

        line = Line(callers, wait)
        callers.listen(line.events.append if is_listening else None)
        order = PlaceCall(AttemptId("at_1"), CALLEE, SHOWN, "", "main", 20, 60, None)
        callers.on_call_over(order, CallPlan(Reaction.NO_ANSWER, 0.0, 1.0))
        await story(line)
        return line.events

    return run_virtually(main())


def real(plan: CallBackPlan, story: Story, is_listening: bool) -> list[ArrivalEvent]:
    """Tell the story to real SIP and RTP."""

    async def main() -> list[ArrivalEvent]:
        gateway = EmbeddedCallGateway(
            make_endpoint=lambda listener: SipEndpoint(
                EndpointSettings(bind_host=HOST, udp_port=0, answer_to_source=True), SystemRng(), listener
            ),
            media=MediaEngine(HOST, rng=random.Random(1)),
            media_address=HOST,
            routes={"main": TrunkRoute("main", Flow("UDP", HOST, 5060), HOST)},
            prompts={"hello": SOUND},
        )
        await gateway.start()
        ours = gateway.answering.endpoint.addresses["UDP"]
        media = MediaEngine(HOST)
        callers: list[Caller] = []
        tasks: set[asyncio.Task[None]] = set()

        def spawn(work: Any) -> None:
            task = asyncio.get_running_loop().create_task(work)
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        def on_sip(event: Event) -> None:
            callers[0].on_sip(event)

        def on_dialled(call: CallKey) -> None:
            """There is one caller only."""

        far = SipEndpoint(EndpointSettings(bind_host=HOST, udp_port=0), SystemRng(), on_sip)
        await media.start()
        await media.load_prompts({HELLO: SOUND})
        await far.start()
        line = Line(gateway.answering, asyncio.sleep, lambda: not tasks)
        gateway.answering.listen(line.events.append if is_listening else None)
        flow = Flow("UDP", *ours)
        notes: list[str] = []
        caller = Caller(
            CALLEE.e164(), SHOWN.e164(), flow, plan, LoopClock(), far, media, HOST, spawn, notes.append, on_dialled
        )
        callers.append(caller)
        caller.begin()
        try:
            await story(line)
        finally:
            await gateway.close()
            await far.close()
            await media.stop()
        return line.events

    return asyncio.run(main())


GATEWAYS = pytest.mark.parametrize("tell", [simulated, real])
Tell = Callable[[CallBackPlan, Story, bool], list[ArrivalEvent]]


def ends(events: list[ArrivalEvent]) -> list[ArrivalEnded]:
    return [event for event in events if isinstance(event, ArrivalEnded)]


@GATEWAYS
def test_call_that_is_answered_hears_prompts_gives_keys_and_ends_once(tell: Tell) -> None:
    async def story(line: Line) -> None:
        arrived = await line.told(CallArrived)
        assert (arrived.caller, arrived.is_withheld, arrived.trunk) == (CALLEE.e164(), False, "main")
        assert SHOWN.e164() in arrived.dialled
        line.gateway.ring(arrived.line)
        line.gateway.answer(arrived.line, None)
        await line.told(ArrivalConfirmed)
        line.gateway.play(arrived.line, 1, ["hello"])
        heard = await line.told(CallerHeard)
        assert (heard.play_id, heard.was_stopped) == (1, False)
        assert (await line.told(CallerPressed)).key == "1"
        line.gateway.hang_up(arrived.line)
        await line.told(ArrivalEnded)
        await line.over()

    events = tell(back(keys=((0.2, "1"),)), story, True)
    (end,) = ends(events)
    assert (end.ended_by, end.cause) == (EndedBy.US, "")
    assert events[-1] is end


@GATEWAYS
def test_call_that_its_caller_ends_is_told_once_as_theirs(tell: Tell) -> None:
    async def story(line: Line) -> None:
        line.gateway.answer((await line.told(CallArrived)).line, None)
        await line.told(ArrivalEnded)
        await line.over()

    (end,) = ends(tell(back(hang_up_after_s=0.2), story, True))
    assert end.ended_by is EndedBy.CALLEE


@GATEWAYS
def test_call_that_is_refused_ends_once_and_orders_after_that_are_passed_over(tell: Tell) -> None:
    async def story(line: Line) -> None:
        arrived = await line.told(CallArrived)
        line.gateway.refuse(arrived.line, 486)
        await line.told(ArrivalEnded)
        for order in (line.gateway.ring, line.gateway.hang_up, line.gateway.stop_playing):
            order(arrived.line)
        line.gateway.play(arrived.line, 1, ["hello"])
        line.gateway.answer(arrived.line, None)
        await line.over()

    events = tell(back(), story, True)
    assert [type(event) for event in events] == [CallArrived, ArrivalEnded]


@GATEWAYS
def test_while_nobody_listens_nothing_is_told(tell: Tell) -> None:
    async def story(line: Line) -> None:
        await line.over()
        line.gateway.hang_up(LineKey("nobody"))

    assert tell(back(), story, False) == []
