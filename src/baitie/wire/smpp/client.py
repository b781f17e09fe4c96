"""The client machine (ESME): queue, window, throttling, receipts and reconnection over many connections."""

from itertools import count

from baitie.kernel.time import Instant
from baitie.wire.smpp.constants import MessageState, Status
from baitie.wire.smpp.events import (
    ClientEffect,
    CloseConnection,
    LinkDown,
    LinkUp,
    MessageArrived,
    MessageUnreadable,
    OpenConnection,
    ReceiptArrived,
    ReceiptUnmatched,
    SendBytes,
    SubmitAccepted,
    SubmitFateUnknown,
    SubmitRefused,
)
from baitie.wire.smpp.failure import THROTTLING, failure_of_cause, failure_of_status
from baitie.wire.smpp.message import MessageRefusal, compose
from baitie.wire.smpp.outbox import Outbox, Queued
from baitie.wire.smpp.parts import PartBook, user_data_untrusted
from baitie.wire.smpp.pdu import DataMessage, ShortMessage, SmppError
from baitie.wire.smpp.readings import readings_untrusted
from baitie.wire.smpp.receipt import Receipt, is_receipt_untrusted, parse_receipt_untrusted
from baitie.wire.smpp.receiptbook import ReceiptBook
from baitie.wire.smpp.session import (
    LATE_ANSWERS_MAX,
    Answered,
    Bound,
    ClientSession,
    Closed,
    Delivered,
    GivenUp,
    SessionEvent,
    SessionState,
    Unreadable,
)
from baitie.wire.smpp.settings import ClientSettings
from baitie.wire.smpp.times import absolute_time, relative_time

UNACKNOWLEDGED_MAX = 1_024  # messages of handsets in our hands; beyond, the centre is asked to bring them later


class SmppClient:
    """Machine of one account at one message centre. Each submit ends in exactly one of accepted, refused, fate unknown.

    A submit_sm that left is never sent again, except when the centre itself answered that it did not take
    it (throttling). What has not left survives a lost connection and waits for the next, until it expires.
    """

    def __init__(self, settings: ClientSettings) -> None:
        self._settings = settings
        self._outbox = Outbox(settings)
        self._book = ReceiptBook(
            settings.message_id_form, settings.receipts_remembered_max, settings.early_receipts_max
        )
        self._parts = PartBook()
        self._session: ClientSession | None = None
        self._tickets = count(1)
        self._sent: dict[int, Queued] = {}
        self._given_up: dict[int, str] = {}  # ticket: key, while a late answer may come
        self._unacknowledged: dict[int, tuple[ClientSession, ShortMessage | DataMessage]] = {}
        self._reconnect_s = settings.reconnect_first_s
        self._reconnect_at: float | None = None
        self._is_closing = False
        self._is_opening = False

    @property
    def is_bound(self) -> bool:
        """Whether messages can be sent."""
        return self._session is not None and self._session.state is SessionState.BOUND

    @property
    def is_closing(self) -> bool:
        """Whether `close` was called."""
        return self._is_closing

    @property
    def is_finished(self) -> bool:
        """Whether, after `close`, nothing remains to be done."""
        return self._is_closing and self._session is None and not self._is_opening

    @property
    def unfinished(self) -> int:
        """How many submits have not had their end."""
        return len(self._outbox) + len(self._sent)

    def start(self, now: Instant) -> list[ClientEffect]:
        """Begin to connect."""
        self._reconnect_at = now
        return self.tick(now)

    def submit(
        self, key: str, sender: str, to_e164: str, text: str, is_flash: bool, validity_s: float, now: Instant
    ) -> list[ClientEffect]:
        """Send a message of one segment; it expires `validity_s` from now, in our queue or in the network."""
        cause = "gateway-closing" if self._is_closing else "queue-full" if self._outbox.is_full else None
        if cause is not None:
            return [SubmitRefused(key, failure_of_cause(cause))]
        message = compose(sender, to_e164, text, is_flash, self._settings.dialect)
        if isinstance(message, MessageRefusal):
            return [SubmitRefused(key, failure_of_cause(message.cause))]
        self._outbox.put(Queued(next(self._tickets), key, message, Instant(now + validity_s)))
        return self._pump(now)

    def acknowledge(self, ticket: int, is_kept: bool) -> list[ClientEffect]:
        """Tell the centre that a handset's message is safe with us, or that it must bring it again."""
        held = self._unacknowledged.pop(ticket, None)
        if held is None or held[0] is not self._session:
            return []
        return [SendBytes(held[0].acknowledge(held[1], is_kept))]

    def connected(self, now: Instant) -> list[ClientEffect]:
        """The connection stands."""
        self._is_opening = False
        if self._is_closing:
            return [CloseConnection("gateway-closing")]
        self._session = ClientSession(self._settings)
        return [SendBytes(self._session.open(now))]

    def disconnected(self, cause: str, now: Instant) -> list[ClientEffect]:
        """The connection could not be made, or is gone."""
        self._is_opening = False
        session = self._session
        if session is None:
            return self._link_down(LinkDown(cause), now) if self._reconnect_at is None else []
        return [*self._follow(session.abandon(cause), now), *self._link_down(LinkDown(cause), now)]

    def receive_untrusted(self, data: bytes, now: Instant) -> list[ClientEffect]:
        """Take bytes from the centre."""
        if self._session is None:
            return []
        return self._follow(self._session.receive_untrusted(data, now), now)

    def close(self, now: Instant) -> list[ClientEffect]:
        """End in good order: refuse what waits, wait for the answers to what left, unbind."""
        self._is_closing = True
        self._reconnect_at = None
        effects: list[ClientEffect] = [
            SubmitRefused(queued.key, failure_of_cause("gateway-closing")) for queued in self._outbox.clear()
        ]
        return effects + self._unbind_when_done(now)

    def next_deadline(self) -> Instant | None:
        """When `tick` must be called at the latest."""
        deadlines: list[float] = []
        can_send = False
        if self._session is not None:
            session_at = self._session.next_deadline()
            deadlines += [] if session_at is None else [session_at]
            can_send = self.is_bound and self._session.outstanding < self._outbox.window
        waiting_at = self._outbox.next_deadline(can_send)
        deadlines += [at for at in (waiting_at, self._reconnect_at) if at is not None]
        return Instant(min(deadlines)) if deadlines else None

    def tick(self, now: Instant) -> list[ClientEffect]:
        """Act on what is overdue: reconnection, expiry, silence."""
        effects: list[ClientEffect] = [
            SubmitRefused(queued.key, failure_of_cause("expired-before-submit")) for queued in self._outbox.expired(now)
        ]
        if self._reconnect_at is not None and now >= self._reconnect_at:
            self._reconnect_at = None
            self._is_opening = True
            effects.append(OpenConnection())
        if self._session is not None:
            effects += self._follow(self._session.tick(now), now)
        return effects

    def _follow(self, events: list[SessionEvent], now: Instant) -> list[ClientEffect]:
        effects: list[ClientEffect] = []
        for event in events:
            match event:
                case bytes():
                    effects.append(SendBytes(event))
                case Answered():
                    effects += self._on_answered(event, now)
                case Delivered():
                    effects += self._on_delivered(event.pdu)
                case Unreadable():
                    effects.append(MessageUnreadable(event.sequence))
                case GivenUp():
                    effects += self._on_given_up(event)
                case Bound():
                    self._reconnect_s = self._settings.reconnect_first_s
                    effects.append(LinkUp(event.system_id))
                case Closed():
                    effects.append(CloseConnection(event.cause))
                    effects += self._on_closed(event, now)
        effects += self._pump(now)
        return effects + self._unbind_when_done(now)

    def _on_answered(self, event: Answered, now: Instant) -> list[ClientEffect]:
        is_accepted = event.command_status == Status.ESME_ROK
        if event.is_late:
            key = self._given_up.pop(event.ticket, None)
            return self._remember(event.message_id, key) if is_accepted and key is not None else []
        queued = self._sent.pop(event.ticket)
        if is_accepted:
            self._outbox.on_accepted()
            accepted = SubmitAccepted(queued.key, event.message_id or "")
            return [accepted, *self._remember(event.message_id, queued.key)]
        if event.command_status in THROTTLING:
            self._outbox.on_throttled(now)
            queued.throttled_times += 1
            if queued.throttled_times < self._settings.throttled_times_max and not self._is_closing:
                self._outbox.put(queued)
                return []
        return [SubmitRefused(queued.key, failure_of_status(event.command_status))]

    def _remember(self, message_id: str | None, key: str) -> list[ClientEffect]:
        early = self._book.remember(message_id, key) if message_id else None
        return [] if early is None else [ReceiptArrived(key, early)]

    def _on_given_up(self, event: GivenUp) -> list[ClientEffect]:
        queued = self._sent.pop(event.ticket)
        if event.cause == "response-timeout":
            self._given_up[event.ticket] = queued.key
            if len(self._given_up) > LATE_ANSWERS_MAX:
                del self._given_up[next(iter(self._given_up))]
        return [SubmitFateUnknown(queued.key, event.cause)]

    def _on_delivered(self, pdu: ShortMessage | DataMessage) -> list[ClientEffect]:
        session = self._session
        assert session is not None, "delivered by a connection that is gone"
        if is_receipt_untrusted(pdu, self._may_be_ours):
            return [SendBytes(session.acknowledge(pdu, is_kept=True)), *self._on_receipt(pdu)]
        if len(self._unacknowledged) >= UNACKNOWLEDGED_MAX:
            return [SendBytes(session.acknowledge(pdu, is_kept=False))]
        ticket = next(self._tickets)
        self._unacknowledged[ticket] = (session, pdu)
        data = user_data_untrusted(pdu)
        bodies = data.bodies
        source, destination = pdu.source, pdu.destination.digits
        if data.part is not None:
            bodies = (self._parts.join(source.digits, destination, data.part, bodies[0]), *bodies)
        # Of a message in parts each is handed on when it comes, with all that is known of its neighbours: a centre may
        # wait with the next part for our acknowledgement of this one.
        first, *others = dict.fromkeys(
            reading for body in bodies for reading in readings_untrusted(body, pdu.data_coding)
        )
        return [
            MessageArrived(
                ticket, source.digits, source.ton, destination, first, pdu.data_coding, bodies[0], tuple(others)
            )
        ]

    def _may_be_ours(self, receipt: Receipt) -> bool:
        # A receipt may overtake the answer that tells its id.
        return self._book.knows(receipt) or (bool(self._sent) and receipt.state is not MessageState.UNKNOWN)

    def _on_receipt(self, pdu: ShortMessage | DataMessage) -> list[ClientEffect]:
        try:
            receipt = parse_receipt_untrusted(pdu)
        except SmppError:  # answered, or the centre would bring the same unit for ever
            return [ReceiptUnmatched(Receipt(MessageState.UNKNOWN, None, None))]
        if not receipt.is_news:
            return []
        key = self._book.match(receipt)
        if key is not None:
            return [ReceiptArrived(key, receipt)]
        if self._book.is_doubled(receipt):
            return []
        if not self._sent and not self._given_up:
            return [ReceiptUnmatched(receipt)]
        oldest = self._book.keep_early(receipt)
        return [] if oldest is None else [ReceiptUnmatched(oldest)]

    def _on_closed(self, event: Closed, now: Instant) -> list[ClientEffect]:
        refused = event.command_status
        failure = None if refused is None else failure_of_status(refused)
        return self._link_down(LinkDown(event.cause, failure), now)

    def _link_down(self, down: LinkDown, now: Instant) -> list[ClientEffect]:
        self._session = None
        self._given_up.clear()
        self._unacknowledged.clear()
        if not self._is_closing:
            self._reconnect_at = now + self._reconnect_s
            self._reconnect_s = min(self._reconnect_s * 2, self._settings.reconnect_max_s)
        return [*(ReceiptUnmatched(receipt) for receipt in self._book.forget_early()), down]

    def _pump(self, now: Instant) -> list[ClientEffect]:
        effects: list[ClientEffect] = []
        session = self._session
        if session is None or session.state is not SessionState.BOUND or self._is_closing:
            return effects
        while session.outstanding < self._outbox.window:
            queued = self._outbox.take(now)
            if queued is None:
                break
            if queued.expires_at <= now:
                effects.append(SubmitRefused(queued.key, failure_of_cause("expired-before-submit")))
                continue
            self._sent[queued.ticket] = queued
            effects.append(SendBytes(session.submit(queued.ticket, queued.message, self._validity(queued, now), now)))
        return effects

    def _validity(self, queued: Queued, now: Instant) -> str:
        if self._settings.uses_absolute_validity:
            assert self._settings.civil_at is not None, "checked by ClientSettings"
            return absolute_time(self._settings.civil_at(queued.expires_at))
        return relative_time(queued.expires_at - now)

    def _unbind_when_done(self, now: Instant) -> list[ClientEffect]:
        session = self._session
        if not self._is_closing or self._sent or session is None or session.state is SessionState.UNBINDING:
            return []
        return self._follow(session.unbind(now), now)
