"""The message gateway over SMPP 3.4: TCP or TLS, one connection, reconnecting."""

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from baitie.adapters.smpp.driver import EffectPump
from baitie.adapters.smpp.mapping import MobileNumbering, message_event
from baitie.app.ports.clock import Clock
from baitie.app.ports.messages import MessageEvent, MessageReceived, OutgoingMessage
from baitie.kernel.errors import BaitieError, Party, StoreError
from baitie.wire.smpp.client import SmppClient
from baitie.wire.smpp.events import (
    ClientEffect,
    CloseConnection,
    LinkDown,
    LinkUp,
    MessageArrived,
    MessageUnreadable,
    OpenConnection,
    ReceiptUnmatched,
    SendBytes,
)
from baitie.wire.smpp.settings import ClientSettings

_log = logging.getLogger(__name__)


class MessageCentreError(BaitieError):
    """The message centre cannot be used. Check address, system id and password with the carrier; the cause is shown."""

    code = "message-centre-unusable"
    party = Party.CARRIER
    retryable = True


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the message centre listens; with `tls` the connection is encrypted and the host verified."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    connect_timeout_s: float = 10.0


class SmppGateway:
    """Message gateway (短信网关) to one account at one message centre. Fulfils `MessageGateway`.

    Events come from the loop, never from inside `submit`. A receipt may still follow a `MessageFateUnknown`.
    """

    def __init__(
        self, endpoint: Endpoint, settings: ClientSettings, clock: Clock, numbering: MobileNumbering | None = None
    ) -> None:
        self._endpoint = endpoint
        self._settings = settings
        self._clock = clock
        self._numbering = numbering or MobileNumbering()
        self._machine = SmppClient(settings)
        self._pump: EffectPump[ClientEffect] = EffectPump(
            clock, self._carry_out, self._machine.next_deadline, self._machine.tick
        )
        self._on_event: Callable[[MessageEvent], None] = _ignore
        self._connection: _Connection | None = None
        self._opening: asyncio.Task[None] | None = None
        self._first_link: asyncio.Future[None] | None = None
        self._finished = asyncio.Event()
        self.unmatched_receipts = 0
        self.unattributed_messages = 0
        self.unreadable_messages = 0

    @property
    def is_bound(self) -> bool:
        """Whether the centre has accepted our bind and the connection stands."""
        return self._machine.is_bound

    @property
    def is_closing(self) -> bool:
        """Whether `close` was called: nothing is connected or taken any more."""
        return self._machine.is_closing

    @property
    def unfinished(self) -> int:
        """How many submits have not had their end."""
        return self._machine.unfinished

    def listen(self, on_event: Callable[[MessageEvent], None]) -> None:
        """Name the one listener of events. A `MessageReceived` is acknowledged when it returns."""
        self._on_event = on_event

    async def start(self) -> None:
        """Connect and bind. Raises `MessageCentreError` when the first attempt fails; later ones repeat."""
        self._first_link = asyncio.get_running_loop().create_future()
        self._pump.add(self._machine.start(self._clock.now()))
        try:
            await self._first_link
        except MessageCentreError:
            await self.close()
            raise
        finally:
            self._first_link = None

    async def close(self) -> None:
        """Refuse what waits, wait for answers to what left, unbind, disconnect. Bounded by the settings' timeouts."""
        settings = self._settings
        self._pump.add(self._machine.close(self._clock.now()))
        if self._opening is not None and not self._opening.done():
            self._opening.cancel()
            self._on_lost("gateway-closing")
        try:
            wait_s = settings.response_timeout_s + settings.unbind_timeout_s + 1.0
            await asyncio.wait_for(self._finished.wait(), wait_s)
        except TimeoutError:
            _log.warning("message centre did not let us go in time")
        self._pump.stop()
        if self._connection is not None:
            self._connection.close()

    def submit(self, message: OutgoingMessage) -> None:
        """Send a message; its end comes as an event."""
        self._pump.add(
            self._machine.submit(
                message.card_id,
                message.sender,
                message.to.e164(),
                message.text,
                message.is_flash,
                message.validity_s,
                self._clock.now(),
            )
        )

    def _carry_out(self, effects: deque[ClientEffect]) -> None:
        out: list[bytes] = []
        while effects:
            effect = effects.popleft()
            if isinstance(effect, SendBytes):
                out.append(effect.data)
                continue
            if isinstance(effect, CloseConnection):
                self._write(out)
            self._follow(effect)
        self._write(out)
        if self._machine.is_finished:
            self._finished.set()

    def _follow(self, effect: ClientEffect) -> None:
        match effect:
            case OpenConnection():
                self._opening = asyncio.get_running_loop().create_task(self._open())
            case CloseConnection():
                if self._connection is not None:
                    self._connection.close()
                    self._connection = None
            case MessageArrived():
                self._on_message(effect)
            case ReceiptUnmatched():
                self.unmatched_receipts += 1
            case MessageUnreadable():
                self.unreadable_messages += 1
                _log.warning("a message came that cannot be read; the message centre was asked to keep it")
            case LinkUp() | LinkDown():
                self._on_link(effect)
            case _:
                event = message_event(effect)
                if event is not None:
                    self._on_event(event)

    def _write(self, out: list[bytes]) -> None:
        if out and self._connection is not None:
            self._connection.write(b"".join(out))
        out.clear()

    def _on_message(self, arrived: MessageArrived) -> None:
        sender = self._numbering.number_of(arrived.sender, arrived.sender_ton)
        if sender is None:
            self.unattributed_messages += 1
            _log.warning("a message came whose sender is no telephone number")
            self._pump.add(self._machine.acknowledge(arrived.ticket, is_kept=True))
            return
        is_kept = False
        try:
            self._on_event(MessageReceived(sender, arrived.text, arrived.other_readings))
            is_kept = True
        except StoreError:
            _log.warning("a message could not be kept; the centre is asked to bring it again")
        finally:
            self._pump.add(self._machine.acknowledge(arrived.ticket, is_kept))

    def _on_link(self, event: LinkUp | LinkDown) -> None:
        waiting = self._first_link
        if isinstance(event, LinkUp):
            _log.info("bound to message centre %s", event.system_id)
            if waiting is not None and not waiting.done():
                waiting.set_result(None)
            return
        cause = event.cause if event.failure is None else event.failure.cause
        if cause != "unbound":
            _log.warning("no link to the message centre at %s: %s", self._endpoint.host, cause)
        if waiting is not None and not waiting.done():
            address = f"{self._endpoint.host}:{self._endpoint.port}"
            waiting.set_exception(MessageCentreError(address=address, cause=cause))

    async def _open(self) -> None:
        endpoint = self._endpoint
        loop = asyncio.get_running_loop()
        try:
            _, connection = await asyncio.wait_for(
                loop.create_connection(lambda: _Connection(self), endpoint.host, endpoint.port, ssl=endpoint.tls),
                endpoint.connect_timeout_s,
            )
        except TimeoutError:
            self._on_lost("connect-timeout")
        except ssl.SSLError:
            self._on_lost("tls-failed")
        except OSError:
            self._on_lost("connect-failed")
        else:
            if connection.is_closing:
                self._on_lost("connection-lost")
                return
            self._connection = connection
            self._pump.add(self._machine.connected(self._clock.now()))

    def _on_lost(self, cause: str, connection: "_Connection | None" = None) -> None:
        if connection is not self._connection:
            return  # closed by ourselves, or older than the present one
        self._connection = None
        self._pump.add(self._machine.disconnected(cause, self._clock.now()))

    def _on_data(self, data: bytes, connection: "_Connection") -> None:
        if connection is self._connection:
            self._pump.add(self._machine.receive_untrusted(data, self._clock.now()))


class _Connection(asyncio.Protocol):
    """One TCP or TLS connection."""

    def __init__(self, gateway: SmppGateway) -> None:
        self._gateway = gateway
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not subclasses of those of asyncio, so the type is stated and not checked.
        transport = cast(asyncio.Transport, transport)
        self._transport = transport
        if self._gateway.is_closing:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        self._gateway._on_data(data, self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._gateway._on_lost("connection-lost", self)

    @property
    def is_closing(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    def write(self, data: bytes) -> None:
        if self._transport is not None and not self.is_closing:
            self._transport.write(data)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _ignore(event: MessageEvent) -> None:
    return None
