"""What every message gateway keeps, simulated, over SMPP or HTTP: one end for each submit, a receipt at most once."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from tests.quiet import quiet

from baitie.adapters.clock import LoopClock
from baitie.adapters.media import MediaEngine
from baitie.adapters.smpp.centre_server import SmppCentreServer
from baitie.adapters.smpp.gateway import Endpoint, SmppGateway
from baitie.adapters.vendor_http.gateway import VendorAccount, VendorGateway
from baitie.adapters.vendor_http.vendor_server import VendorMessage, VendorRuling, VendorServer
from baitie.app.ports.messages import (
    MessageAccepted,
    MessageEvent,
    MessageFateUnknown,
    MessageGateway,
    MessageReceipt,
    MessageRefused,
    OutgoingMessage,
    ReceiptState,
)
from baitie.bootstrap.loopback_vendor import ruling_of
from baitie.kernel.ids import CardId
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.time import Instant
from baitie.rehearsal.fast.messages import SimulatedMessages
from baitie.rehearsal.loopback.carrier import CENTRE_ACCOUNT, LoopbackCarrier
from baitie.rehearsal.people import MessageFate, MessagePlan
from baitie.rehearsal.population import Population
from baitie.rehearsal.virtual_clock import VirtualClock
from baitie.rehearsal.virtual_time import run_virtually
from baitie.rehearsal.wire.impairments import QUIET_WAY
from baitie.rehearsal.wire.loop import NetworkedLoop
from baitie.wire.smpp.centre import CentreSettings
from baitie.wire.smpp.settings import ClientSettings

HOST = "127.0.0.1"
ENDS = (MessageAccepted, MessageRefused, MessageFateUnknown)
CARD, OTHER = CardId("at_first"), CardId("at_other")
WITHIN_S = 15.0
QUIET_S = 0.5
"""So long nothing may follow the last that is expected."""

LATENCY_S, RECEIPT_S = 0.02, 0.1


class OneMinded(Population):
    """Every message has the same fate; where there are several plans, they follow in turn and the last stays."""

    def __init__(self, *plans: MessagePlan) -> None:
        self.plans = list(plans)
        self.shown: list[str] = []

    def on_message(self, number: str) -> MessagePlan:
        return self.plans.pop(0) if len(self.plans) > 1 else self.plans[0]

    def show_card(self, number: str, now: float) -> None:
        self.shown.append(number)


@dataclass
class Line:
    """The gateway under test, and what it has reported."""

    gateway: MessageGateway
    seen: list[MessageEvent] = field(default_factory=list)

    def submit(self, card_id: CardId = CARD, is_flash: bool = True) -> None:
        to = PhoneNumber("+8613800000001")
        self.gateway.submit(OutgoingMessage(card_id, to, "10690000", "【云杉优选】即将致电回访", is_flash, 60.0))

    def of(self, *kinds: type) -> list[MessageEvent]:
        return [event for event in self.seen if isinstance(event, kinds)]

    async def until(self, *kinds: type, count: int = 1) -> MessageEvent:
        """Wait for the n-th event of these kinds, in the time of the loop that runs."""
        loop = asyncio.get_running_loop()
        end = loop.time() + WITHIN_S
        while len(self.of(*kinds)) < count:
            assert loop.time() < end, f"no {kinds}; seen {self.seen}"
            await asyncio.sleep(0.01)
        return self.of(*kinds)[count - 1]

    async def quiet(self) -> None:
        """Let pass the time in which something too much would come."""
        await quiet(QUIET_S)


Scenario = Callable[[Line], Awaitable[None]]
Exchange = Callable[[OneMinded, Scenario], None]


async def _on(gateway: MessageGateway, scenario: Scenario) -> None:
    line = Line(gateway)
    gateway.listen(line.seen.append)
    await gateway.start()
    try:
        await scenario(line)
    finally:
        await gateway.close()
    ended = [event.card_id for event in line.seen if isinstance(event, ENDS)]
    assert len(ended) == len(set(ended)), "a message has one fate"


def simulated(people: OneMinded, scenario: Scenario) -> None:
    async def main() -> None:
        clock = VirtualClock(asyncio.get_running_loop(), datetime(2026, 3, 3, 2, tzinfo=UTC))
        await _on(SimulatedMessages(clock, people), scenario)

    run_virtually(main())


def over_smpp(people: OneMinded, scenario: Scenario) -> None:
    asyncio.run(_over_smpp(people, scenario))


def over_simulated_smpp(people: OneMinded, scenario: Scenario) -> None:
    loop = NetworkedLoop(0.0, QUIET_WAY, random.Random(1))
    run_virtually(_over_smpp(people, scenario), loop)


async def _over_smpp(people: OneMinded, scenario: Scenario) -> None:
    clock = LoopClock()
    carrier = LoopbackCarrier(people, clock, MediaEngine(HOST), HOST, lambda number: 10, lambda what: None)
    accounts = CentreSettings(accounts=dict([CENTRE_ACCOUNT]))
    centre = SmppCentreServer(accounts, clock, carrier.rule, carrier.on_message_fate)
    port = await centre.start(HOST)
    try:
        await _on(SmppGateway(Endpoint(HOST, port), ClientSettings(*CENTRE_ACCOUNT), clock), scenario)
    finally:
        await centre.close()


def over_vendor_http(people: OneMinded, scenario: Scenario) -> None:
    async def main() -> None:
        clock = LoopClock()

        def rule(message: VendorMessage, now: Instant) -> VendorRuling:
            return ruling_of(people.on_message(message.to_e164))

        vendor = VendorServer("key", clock, rule, lambda message: people.show_card(message.to_e164, clock.now()))
        port = await vendor.start(HOST)
        account = VendorAccount(f"http://{HOST}:{port}", "key", pause_s=0.05, receipts_every_s=0.05)
        try:
            await _on(VendorGateway(account, clock), scenario)
        finally:
            await vendor.close()

    asyncio.run(main())


@pytest.fixture(params=[simulated, over_smpp, over_simulated_smpp, over_vendor_http])
def exchange(request: pytest.FixtureRequest) -> Exchange:
    """Runs a scenario against people of one mind."""
    chosen: Exchange = request.param
    return chosen


def plan(fate: MessageFate, *, is_doubled: bool = False) -> MessagePlan:
    """This fate, quickly."""
    return MessagePlan(fate, LATENCY_S, RECEIPT_S, is_doubled, arrives=fate is MessageFate.DELIVERED)


@pytest.mark.parametrize("is_doubled", [False, True])
@pytest.mark.parametrize("is_flash", [False, True])
def test_delivered_message_is_accepted_once_shown_and_receipted_once(
    exchange: Exchange, is_doubled: bool, is_flash: bool
) -> None:
    people = OneMinded(plan(MessageFate.DELIVERED, is_doubled=is_doubled))

    async def scenario(line: Line) -> None:
        line.submit(is_flash=is_flash)
        await line.until(MessageReceipt)
        await line.quiet()
        accepted, receipt = line.seen
        assert isinstance(accepted, MessageAccepted)
        assert isinstance(receipt, MessageReceipt)
        assert (accepted.card_id, receipt.card_id, receipt.state) == (CARD, CARD, ReceiptState.DELIVERED)
        assert people.shown == ["+8613800000001"]

    exchange(people, scenario)


def test_undelivered_message_is_accepted_and_its_receipt_says_why(exchange: Exchange) -> None:
    async def scenario(line: Line) -> None:
        line.submit()
        receipt = await line.until(MessageReceipt)
        await line.quiet()
        assert isinstance(receipt, MessageReceipt)
        assert receipt.state is ReceiptState.UNDELIVERABLE
        assert receipt.network_error
        assert len(line.of(*ENDS)) == 1

    exchange(OneMinded(plan(MessageFate.UNDELIVERED)), scenario)


def test_lost_receipt_leaves_one_acceptance_and_nothing_else(exchange: Exchange) -> None:
    async def scenario(line: Line) -> None:
        line.submit()
        await line.until(MessageAccepted)
        await line.quiet()
        assert len(line.seen) == 1

    exchange(OneMinded(plan(MessageFate.NO_RECEIPT)), scenario)


def test_refused_message_is_refused_once_and_no_receipt_follows(exchange: Exchange) -> None:
    async def scenario(line: Line) -> None:
        line.submit()
        refused = await line.until(MessageRefused)
        await line.quiet()
        assert isinstance(refused, MessageRefused)
        assert refused.cause
        assert line.seen == [refused]

    exchange(OneMinded(plan(MessageFate.REFUSED)), scenario)


def test_throttled_message_is_taken_when_the_centre_has_room_again(exchange: Exchange) -> None:
    async def scenario(line: Line) -> None:
        line.submit()
        await line.until(MessageReceipt)
        await line.quiet()
        assert [type(event) for event in line.seen] == [MessageAccepted, MessageReceipt]

    exchange(OneMinded(plan(MessageFate.THROTTLED), plan(MessageFate.DELIVERED)), scenario)


def test_each_of_many_messages_has_one_end_and_one_receipt(exchange: Exchange) -> None:
    fates = [MessageFate.DELIVERED, MessageFate.REFUSED, MessageFate.UNDELIVERED, MessageFate.DELIVERED]
    people = OneMinded(*[plan(fates[n % 4], is_doubled=True) for n in range(40)], plan(MessageFate.DELIVERED))

    async def scenario(line: Line) -> None:
        for n in range(40):
            line.submit(CardId(f"at_{n:02}"))
        await line.until(*ENDS, count=40)
        await line.until(MessageReceipt, count=30)
        await line.quiet()
        ended = [event.card_id for event in line.of(*ENDS) if isinstance(event, ENDS)]
        receipted = [event.card_id for event in line.of(MessageReceipt) if isinstance(event, MessageReceipt)]
        assert sorted(ended) == [f"at_{n:02}" for n in range(40)]
        assert len(receipted) == len(set(receipted)) == 30
        refused = {event.card_id for event in line.of(MessageRefused) if isinstance(event, MessageRefused)}
        assert refused.isdisjoint(receipted)

    exchange(people, scenario)


def test_message_whose_answer_was_cut_off_has_an_unknown_fate_and_is_not_sent_again() -> None:
    """Only a real connection can break between a submit and its answer."""
    people = OneMinded(MessagePlan(MessageFate.DELIVERED, 5.0, RECEIPT_S, False, arrives=True))

    async def main() -> None:
        clock, ruled = LoopClock(), list[str]()
        carrier = LoopbackCarrier(
            people, clock, MediaEngine(HOST), HOST, lambda number: 10, lambda what: ruled.append(str(what["kind"]))
        )
        centre = SmppCentreServer(CentreSettings(accounts=dict([CENTRE_ACCOUNT])), clock, carrier.rule)
        port = await centre.start(HOST)

        async def scenario(line: Line) -> None:
            line.submit()
            while not ruled:
                await asyncio.sleep(0.01)
            await centre.close()
            again = SmppCentreServer(CentreSettings(accounts=dict([CENTRE_ACCOUNT])), clock, carrier.rule)
            await again.start(HOST, port)
            await line.until(MessageFateUnknown)
            line.submit(OTHER)  # once it is accepted, whatever was sent again would have come before it
            await line.until(MessageAccepted)
            await again.close()
            assert [event.card_id for event in line.of(*ENDS) if isinstance(event, ENDS)] == [CARD, OTHER]
            assert ruled == ["message", "message"]

        await _on(SmppGateway(Endpoint(HOST, port), ClientSettings(*CENTRE_ACCOUNT), clock), scenario)

    asyncio.run(main())
