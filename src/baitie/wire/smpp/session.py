"""One bound connection of the client (ESME): bind, window of outstanding submit_sm, enquire_link, unbind."""

from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from baitie.kernel.time import Instant
from baitie.wire.smpp.codec import PduStream, encode_pdu, parse_pdu_untrusted
from baitie.wire.smpp.constants import RESPONSE, SEQUENCE_MAX, Command, Status
from baitie.wire.smpp.message import TextMessage, submit_sm
from baitie.wire.smpp.pdu import (
    Bind,
    BindResp,
    DataMessage,
    MessageResp,
    Pdu,
    ShortMessage,
    Signal,
    SmppError,
    UnknownPdu,
)
from baitie.wire.smpp.salvage import salvage_untrusted
from baitie.wire.smpp.settings import ClientSettings

LATE_ANSWERS_MAX: Final = 1_024  # submits given up of which a late answer still tells the message id


class SessionState(StrEnum):
    """State of one connection (连接状态)."""

    BINDING = "binding"
    BOUND = "bound"
    UNBINDING = "unbinding"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Bound:
    """The bind was accepted."""

    system_id: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection is to be closed; `command_status` where the bind was refused."""

    cause: str
    command_status: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A submit_sm was answered; `is_late` when it had been given up before."""

    ticket: int
    command_status: int
    message_id: str | None
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class GivenUp:
    """No answer came, or none that can be read."""

    ticket: int
    cause: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """A deliver_sm or data_sm came and waits for its answer."""

    pdu: ShortMessage | DataMessage


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A deliver_sm or data_sm came of which no text could be read; the centre was asked to keep it."""

    sequence: int


SessionEvent: TypeAlias = (
    Bound | Closed | Answered | GivenUp | Delivered | Unreadable | bytes
)  # bytes are to be written


class ClientSession:
    """Machine of one connection. `bytes` among the returned events are to be written, in order."""

    def __init__(self, settings: ClientSettings) -> None:
        self.state = SessionState.BINDING
        self._settings = settings
        self._stream = PduStream()
        self._sequence = 0
        self._outstanding: OrderedDict[int, tuple[int, float]] = OrderedDict()  # sequence: ticket, deadline
        self._late: OrderedDict[int, int] = OrderedDict()  # sequence: ticket
        self._heard_at = 0.0
        self._state_deadline: float | None = None
        self._enquire_deadline: float | None = None

    def open(self, now: Instant) -> bytes:
        """The bind to write first."""
        settings = self._settings
        self._heard_at = now
        self._state_deadline = now + settings.bind_timeout_s
        return encode_pdu(
            Bind(
                settings.bind_command,
                self._next_sequence(),
                settings.system_id,
                settings.password,
                settings.system_type,
            )
        )

    @property
    def outstanding(self) -> int:
        """How many submit_sm wait for an answer."""
        return len(self._outstanding)

    def submit(self, ticket: int, message: TextMessage, validity_period: str, now: Instant) -> bytes:
        """The submit_sm to write; its answer comes back under `ticket`."""
        assert self.state is SessionState.BOUND, "submit on a connection that is not bound"
        sequence = self._next_sequence()
        data = encode_pdu(submit_sm(message, sequence, validity_period))
        self._outstanding[sequence] = (ticket, now + self._settings.response_timeout_s)
        return data

    def unbind(self, now: Instant) -> list[SessionEvent]:
        """Say goodbye; the connection closes with the answer or after a wait."""
        if self.state is not SessionState.BOUND:
            return self._close("unbound")
        self.state = SessionState.UNBINDING
        self._state_deadline = now + self._settings.unbind_timeout_s
        return [encode_pdu(Signal(Command.UNBIND, self._next_sequence()))]

    def abandon(self, cause: str) -> list[SessionEvent]:
        """The transport is gone: every outstanding submit is given up."""
        self.state = SessionState.CLOSED
        given_up: list[SessionEvent] = [GivenUp(ticket, cause) for ticket, _ in self._outstanding.values()]
        self._outstanding.clear()
        return given_up

    def acknowledge(self, pdu: ShortMessage | DataMessage, is_kept: bool) -> bytes:
        """The answer to a delivered message: taken, or to be delivered again later."""
        command = pdu.command | RESPONSE
        status = Status.ESME_ROK if is_kept else Status.ESME_RX_T_APPN
        return encode_pdu(MessageResp(command, pdu.sequence, status, ""))

    def next_deadline(self) -> Instant | None:
        """When `tick` must be called at the latest."""
        if self.state is SessionState.CLOSED:
            return None
        deadlines = [at for at in (self._state_deadline, self._enquire_deadline) if at is not None]
        if self._outstanding:
            deadlines.append(next(iter(self._outstanding.values()))[1])
        if self.state is SessionState.BOUND and self._enquire_deadline is None:
            deadlines.append(self._heard_at + self._settings.enquire_every_s)
        return Instant(min(deadlines)) if deadlines else None

    def tick(self, now: Instant) -> list[SessionEvent]:
        """Act on what is overdue."""
        if self.state is SessionState.CLOSED:
            return []
        if self._state_deadline is not None and now >= self._state_deadline:
            return self._close("bind-unanswered" if self.state is SessionState.BINDING else "unbind-unanswered")
        if self._enquire_deadline is not None and now >= self._enquire_deadline:
            return self._close("link-silent")
        events: list[SessionEvent] = []
        while self._outstanding and next(iter(self._outstanding.values()))[1] <= now:
            sequence, (ticket, _) = self._outstanding.popitem(last=False)
            self._late[sequence] = ticket
            if len(self._late) > LATE_ANSWERS_MAX:
                self._late.popitem(last=False)
            events.append(GivenUp(ticket, "response-timeout"))
        is_idle = self.state is SessionState.BOUND and self._enquire_deadline is None
        if is_idle and now >= self._heard_at + self._settings.enquire_every_s:
            self._enquire_deadline = now + self._settings.response_timeout_s
            events.append(encode_pdu(Signal(Command.ENQUIRE_LINK, self._next_sequence())))
        return events

    def receive_untrusted(self, data: bytes, now: Instant) -> list[SessionEvent]:
        """Take bytes from the centre."""
        if self.state is SessionState.CLOSED:
            return []
        events: list[SessionEvent] = []
        frames = self._stream.feed_untrusted(data)
        if frames:  # a whole unit proves that somebody is there; single octets prove nothing
            self._heard_at = now
            self._enquire_deadline = None
        for frame in frames:
            try:
                events += self._on_pdu(parse_pdu_untrusted(frame))
            except SmppError as error:
                events += self._on_malformed(frame, error)
            if self.state is SessionState.CLOSED:  # type: ignore[comparison-overlap]  # changed by _on_pdu
                return events
        if self._stream.fault is not None:
            nack = Signal(Command.GENERIC_NACK, 0, Status.ESME_RINVCMDLEN)
            events.append(encode_pdu(nack))
            events += self._close("stream-malformed")
        return events

    def _on_pdu(self, pdu: Pdu) -> list[SessionEvent]:
        match pdu:
            case MessageResp(command=Command.SUBMIT_SM_RESP):
                return self._on_answer(pdu.sequence, pdu.status, pdu.message_id)
            case ShortMessage(command=Command.DELIVER_SM) | DataMessage():
                return [Delivered(pdu)]
            case BindResp():
                return self._on_bind_resp(pdu)
            case Signal():
                return self._on_signal(pdu)
            case _:
                return self._on_stranger(pdu)

    def _on_bind_resp(self, pdu: BindResp) -> list[SessionEvent]:
        if self.state is not SessionState.BINDING or pdu.command != self._settings.bind_command | RESPONSE:
            return []
        if pdu.status != Status.ESME_ROK:
            return self._close("bind-refused", pdu.status)
        self.state = SessionState.BOUND
        self._state_deadline = None
        return [Bound(pdu.system_id or "")]

    def _on_answer(self, sequence: int, status: int, message_id: str | None) -> list[SessionEvent]:
        waiting = self._outstanding.pop(sequence, None)
        if waiting is not None:
            return [Answered(waiting[0], status, message_id)]
        ticket = self._late.pop(sequence, None)
        return [] if ticket is None else [Answered(ticket, status, message_id, is_late=True)]

    def _on_signal(self, pdu: Signal) -> list[SessionEvent]:
        match pdu.command:
            case Command.ENQUIRE_LINK:
                return [encode_pdu(Signal(Command.ENQUIRE_LINK_RESP, pdu.sequence))]
            case Command.UNBIND:
                return [encode_pdu(Signal(Command.UNBIND_RESP, pdu.sequence)), *self._close("centre-unbound")]
            case Command.UNBIND_RESP if self.state is SessionState.UNBINDING:
                return self._close("unbound")
            case Command.GENERIC_NACK if self.state is SessionState.BINDING:
                return self._close("bind-refused", pdu.status)
            case Command.GENERIC_NACK:
                # A nack without error status says nothing about the message, and certainly no acceptance.
                return self._on_answer(pdu.sequence, pdu.status or Status.ESME_RUNKNOWNERR, None)
            case _:
                return []

    def _on_stranger(self, pdu: Pdu) -> list[SessionEvent]:
        if pdu.command & RESPONSE or pdu.command == Command.ALERT_NOTIFICATION:
            return []
        status = Status.ESME_RINVCMDID if isinstance(pdu, UnknownPdu) else Status.ESME_RINVBNDSTS
        return [encode_pdu(Signal(Command.GENERIC_NACK, pdu.sequence, status))]

    def _on_malformed(self, frame: bytes, error: SmppError) -> list[SessionEvent]:
        pdu = salvage_untrusted(frame)
        if pdu is not None:
            return self._on_pdu(pdu)
        command, sequence = error.details["command"], error.details["sequence"]
        if command & RESPONSE:
            waiting = self._outstanding.pop(sequence, None)
            return [] if waiting is None else [GivenUp(waiting[0], "answer-malformed")]
        if command in (Command.DELIVER_SM, Command.DATA_SM):
            kept_there = MessageResp(command | RESPONSE, sequence, Status.ESME_RX_T_APPN, "")
            return [encode_pdu(kept_there), Unreadable(sequence)]
        return [encode_pdu(Signal(Command.GENERIC_NACK, sequence, Status.ESME_RINVCMDLEN))]

    def _close(self, cause: str, command_status: int | None = None) -> list[SessionEvent]:
        return [*self.abandon(cause), Closed(cause, command_status)]

    def _next_sequence(self) -> int:
        self._sequence = self._sequence % SEQUENCE_MAX + 1
        return self._sequence
