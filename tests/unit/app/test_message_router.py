"""Each message goes over the gateway that it names, and all gateways begin and end together."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from baitie.app.calling.message_router import MessageRouter
from baitie.app.ports.messages import MessageAccepted, MessageEvent, OutgoingMessage
from baitie.kernel.ids import CardId
from baitie.kernel.phone import PhoneNumber


@dataclass
class Recorder:
    """A gateway that accepts everything, and cannot start where it is told so."""

    cannot_start: bool = False
    is_running: bool = False
    got: list[str] = field(default_factory=list)
    on_event: Callable[[MessageEvent], None] = field(default=lambda event: None)

    def listen(self, on_event: Callable[[MessageEvent], None]) -> None:
        self.on_event = on_event

    async def start(self) -> None:
        if self.cannot_start:
            raise ConnectionRefusedError
        self.is_running = True

    async def close(self) -> None:
        self.is_running = False

    def submit(self, message: OutgoingMessage) -> None:
        self.got.append(message.card_id)
        self.on_event(MessageAccepted(message.card_id, "1"))


def message(name: str, vendor: str | None) -> OutgoingMessage:
    return OutgoingMessage(CardId(name), PhoneNumber("+8613800000001"), "10690000", "x", False, 60.0, vendor)


def test_message_goes_over_the_gateway_that_it_names_and_its_events_come_to_one_listener() -> None:
    centre, vendor = Recorder(), Recorder()
    router, seen = MessageRouter(centre, {"yun": vendor}), list[MessageEvent]()
    router.listen(seen.append)
    for name, way in (("a", None), ("b", "yun"), ("c", None)):
        router.submit(message(name, way))
    assert (centre.got, vendor.got) == (["a", "c"], ["b"])
    assert [event.card_id for event in seen if isinstance(event, MessageAccepted)] == ["a", "b", "c"]


def test_where_one_gateway_cannot_start_none_is_left_running() -> None:
    centre, vendor = Recorder(), Recorder(cannot_start=True)
    with pytest.raises(ConnectionRefusedError):
        asyncio.run(MessageRouter(centre, {"yun": vendor}).start())
    assert not centre.is_running


def test_all_start_and_all_end() -> None:
    centre, vendor = Recorder(), Recorder()
    router = MessageRouter(centre, {"yun": vendor})
    asyncio.run(router.start())
    assert centre.is_running
    assert vendor.is_running
    asyncio.run(router.close())
    assert not centre.is_running
    assert not vendor.is_running
