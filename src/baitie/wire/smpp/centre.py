"""The message centre machine (SMSC): accounts, submissions ruled by a policy, receipts, messages of handsets."""

import heapq
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import TypeAlias

from baitie.kernel.sms_text import SmsEncoding, TextRefusal, encode
from baitie.kernel.time import Instant
from baitie.wire.smpp.codec import encode_pdu, parse_pdu_untrusted
from baitie.wire.smpp.constants import (
    DATA_CODING_DEFAULT,
    DATA_CODING_UCS2,
    RESPONSE,
    SHORT_MESSAGE_OCTETS_MAX,
    Command,
    MessageState,
    Status,
    Tag,
)
from baitie.wire.smpp.message import ADDRESS_CHARS_MAX, decode_text_untrusted, is_flash, octets_of
from baitie.wire.smpp.pdu import (
    Address,
    Bind,
    BindResp,
    Cancel,
    DataMessage,
    MessageResp,
    Pdu,
    Query,
    QueryResp,
    ShortMessage,
    Signal,
    SmppError,
)
from baitie.wire.smpp.peer import Peer
from baitie.wire.smpp.rulings import Accept, Drop, Ignore, Refuse, Submission, SubmitPolicy
from baitie.wire.smpp.times import parse_time_untrusted
from baitie.wire.smpp.transit import Carried, Transit


@dataclass(frozen=True, slots=True)
class CentreSettings:
    """Accounts (system id: password) and bounds of the centre.

    `receipts_have_tlvs` False leaves only the text, `text_id_is_decimal` writes the id there in decimal, as
    some centres do. With `scheduled_max` answers, deliveries and receipts to come, the queue is full. Receipts
    of an account that is not bound wait, the newest `held_max` of them.
    """

    accounts: Mapping[str, str] = field(repr=False)
    system_id: str = "baitie-centre"
    deliver_window_max: int = 64
    held_max: int = 10_000
    remembered_max: int = 10_000
    scheduled_max: int = 200_000
    silence_max_s: float = 300.0
    receipts_have_tlvs: bool = True
    text_id_is_decimal: bool = False


@dataclass(frozen=True, slots=True)
class SendTo:
    """Write bytes to one connection."""

    connection: int
    data: bytes


@dataclass(frozen=True, slots=True)
class CloseTo:
    """Close one connection after what was written."""

    connection: int


@dataclass(frozen=True, slots=True)
class MessageShown:
    """The handset has taken the message; a flash is now on its screen."""

    submission: Submission


@dataclass(frozen=True, slots=True)
class MessageDone:
    """The message came to a final state other than shown: expired, rejected and so on."""

    submission: Submission
    state: MessageState


CentreEffect: TypeAlias = SendTo | CloseTo | MessageShown | MessageDone


class MessageCentre:
    """Machine of a message centre for any number of connections. `policy` rules each submission; it may keep state."""

    def __init__(self, settings: CentreSettings, policy: SubmitPolicy, civil_at: Callable[[Instant], datetime]) -> None:
        self._settings = settings
        self._policy = policy
        self._civil_at = civil_at
        self._peers: dict[int, Peer] = {}
        self._ids = count(1)
        self._order = count()
        self._due: list[tuple[float, int, Callable[[Instant], list[CentreEffect]]]] = []
        self._transit = Transit(
            civil_at, settings.remembered_max, settings.receipts_have_tlvs, settings.text_id_is_decimal
        )
        self._held: dict[str, deque[ShortMessage]] = {}

    def connected(self, connection: int, now: Instant) -> None:
        """A connection, named by the caller, was opened to us."""
        self._peers[connection] = Peer(connection, self._settings.deliver_window_max, now)

    def disconnected(self, connection: int) -> list[CentreEffect]:
        """The connection is gone. What it had not answered is delivered again on the next."""
        peer = self._peers.pop(connection, None)
        if peer is None or peer.bind is None:
            return []
        self._held_for(peer.bind.system_id).extendleft(reversed(peer.outstanding.values()))
        return self._deliver_held(peer.bind.system_id)

    def is_bound(self, system_id: str) -> bool:
        """Whether the account could receive now."""
        return any(
            peer.may_receive and peer.bind is not None and peer.bind.system_id == system_id
            for peer in self._peers.values()
        )

    def next_deadline(self) -> Instant | None:
        """When `tick` must be called at the latest."""
        deadlines = [self._due[0][0]] if self._due else []
        deadlines += [peer.heard_at + self._settings.silence_max_s for peer in self._peers.values()]
        return Instant(min(deadlines)) if deadlines else None

    def tick(self, now: Instant) -> list[CentreEffect]:
        """Answers, deliveries and receipts that are due."""
        effects: list[CentreEffect] = []
        while self._due and self._due[0][0] <= now:
            effects += heapq.heappop(self._due)[2](now)
        for peer in list(self._peers.values()):
            if now >= peer.heard_at + self._settings.silence_max_s:
                effects += self._close(peer)
        return effects

    def receive_untrusted(self, connection: int, data: bytes, now: Instant) -> list[CentreEffect]:
        """Take bytes from one connection."""
        peer = self._peers.get(connection)
        if peer is None:
            return []
        peer.heard_at = now
        effects: list[CentreEffect] = []
        for frame in peer.stream.feed_untrusted(data):
            try:
                effects += self._on_pdu(peer, parse_pdu_untrusted(frame), now)
            except SmppError as error:
                if not error.details["command"] & RESPONSE:
                    nack = Signal(Command.GENERIC_NACK, error.details["sequence"], Status.ESME_RINVCMDLEN)
                    effects.append(_send(peer, nack))
            if connection not in self._peers:
                return effects
        if peer.stream.fault is not None:
            effects.append(_send(peer, Signal(Command.GENERIC_NACK, 0, Status.ESME_RINVCMDLEN)))
            effects += self._close(peer)
        return effects

    def originate(self, system_id: str, source: str, destination: str, text: str) -> list[CentreEffect] | TextRefusal:
        """A handset writes to the enterprise (上行短信): deliver_sm to the account, held while it is not bound."""
        assert system_id in self._settings.accounts, "a message for no account"
        encoded = encode(text)
        if isinstance(encoded, TextRefusal):
            return encoded
        encoding, octets = encoded
        coding = DATA_CODING_DEFAULT if encoding is SmsEncoding.GSM7 else DATA_CODING_UCS2
        is_long = len(octets) > SHORT_MESSAGE_OCTETS_MAX
        pdu = ShortMessage(
            command=Command.DELIVER_SM,
            sequence=0,
            source=Address(1, 1, source),
            destination=Address(0, 1, destination),
            short_message=b"" if is_long else octets,
            data_coding=coding,
            tlvs=((Tag.MESSAGE_PAYLOAD, octets),) if is_long else (),
        )
        return self._deliver(system_id, pdu)

    def _on_pdu(self, peer: Peer, pdu: Pdu, now: Instant) -> list[CentreEffect]:
        match pdu:
            case ShortMessage(command=Command.SUBMIT_SM) | DataMessage():
                return self._on_submit(peer, pdu, now)
            case MessageResp(command=Command.DELIVER_SM_RESP):
                return self._on_deliver_resp(peer, pdu, now)
            case Bind():
                return self._on_bind(peer, pdu)
            case Signal():
                return self._on_signal(peer, pdu)
            case Query():
                return [_send(peer, self._query(pdu))]
            case Cancel():
                return [_send(peer, Signal(Command.CANCEL_SM_RESP, pdu.sequence, self._cancel(pdu)))]
            case _:
                return [] if pdu.command & RESPONSE else [_nack(peer, pdu, Status.ESME_RINVCMDID)]

    def _on_bind(self, peer: Peer, pdu: Bind) -> list[CentreEffect]:
        status = Status.ESME_ROK
        if peer.bind is not None:
            status = Status.ESME_RALYBND
        elif pdu.system_id not in self._settings.accounts:
            status = Status.ESME_RINVSYSID
        elif self._settings.accounts[pdu.system_id] != pdu.password:
            status = Status.ESME_RINVPASWD
        command = pdu.command | RESPONSE
        if status is not Status.ESME_ROK:
            return [_send(peer, BindResp(command, pdu.sequence, status))]
        peer.bind = pdu
        tlvs = ((Tag.SC_INTERFACE_VERSION, b"\x34"),)
        answer = _send(peer, BindResp(command, pdu.sequence, status, self._settings.system_id, tlvs))
        return [answer, *self._deliver_held(pdu.system_id)]

    def _on_signal(self, peer: Peer, pdu: Signal) -> list[CentreEffect]:
        match pdu.command:
            case Command.ENQUIRE_LINK:
                return [_send(peer, Signal(Command.ENQUIRE_LINK_RESP, pdu.sequence))]
            case Command.UNBIND:
                return [_send(peer, Signal(Command.UNBIND_RESP, pdu.sequence)), *self._close(peer)]
            case _:
                return []

    def _on_submit(self, peer: Peer, pdu: ShortMessage | DataMessage, now: Instant) -> list[CentreEffect]:
        command = pdu.command | RESPONSE
        status = Status.ESME_ROK if peer.may_submit else Status.ESME_RINVBNDSTS
        validity_s: float | None = None
        try:
            validity_s = self._validity_s(pdu, now)
        except SmppError:
            status = Status.ESME_RINVEXPIRY
        if len(octets_of(pdu)) > SHORT_MESSAGE_OCTETS_MAX:
            status = Status.ESME_RINVMSGLEN
        if max(len(pdu.source.digits), len(pdu.destination.digits)) > ADDRESS_CHARS_MAX:
            status = Status.ESME_RINVDSTADR  # data_sm has room for more than a receipt could carry back
        if len(self._due) >= self._settings.scheduled_max:
            status = Status.ESME_RMSGQFUL
        if status is not Status.ESME_ROK or peer.bind is None:
            return [_send(peer, MessageResp(command, pdu.sequence, status))]
        submission = self._submission(peer.bind.system_id, pdu, validity_s)
        ruling = self._policy(submission, now)
        match ruling:
            case Ignore():
                return []
            case Drop():
                return self._close(peer)
            case Refuse():
                answer = MessageResp(command, pdu.sequence, ruling.command_status)
            case Accept():
                answer = MessageResp(command, pdu.sequence, Status.ESME_ROK, submission.message_id)
                carried = self._transit.take(submission, pdu.source, pdu.destination, ruling, now)
                done_after_s, state = carried.done()
                self._schedule(now + done_after_s, lambda at: self._finish(carried, state, at))
        if ruling.answer_after_s <= 0:
            return [_send(peer, answer)]
        self._schedule(now + ruling.answer_after_s, lambda _: self._answer(peer, answer))
        return []

    def _submission(self, system_id: str, pdu: ShortMessage | DataMessage, validity_s: float | None) -> Submission:
        return Submission(
            message_id=f"{next(self._ids):08x}",
            system_id=system_id,
            source=pdu.source.digits,
            destination=pdu.destination.digits,
            text=decode_text_untrusted(octets_of(pdu), pdu.data_coding),
            data_coding=pdu.data_coding,
            is_flash=is_flash(pdu.data_coding),
            wants_receipt=pdu.registered_delivery & 0x03 != 0,
            validity_s=validity_s,
        )

    def _validity_s(self, pdu: ShortMessage | DataMessage, now: Instant) -> float | None:
        if isinstance(pdu, DataMessage):
            return None
        civil_now = self._civil_at(now)
        until = parse_time_untrusted(pdu.validity_period, civil_now)
        return None if until is None else (until - civil_now).total_seconds()

    def _finish(self, carried: Carried, state: MessageState, now: Instant) -> list[CentreEffect]:
        if carried.state is not MessageState.ENROUTE:
            return []
        carried.state = state
        submission, ruling = carried.submission, carried.ruling
        if submission.wants_receipt:
            receipt = self._transit.receipt(carried, now)
            for _ in range(ruling.receipts):
                self._schedule(now + ruling.receipt_lag_s, lambda _: self._deliver(submission.system_id, receipt))
        if state is MessageState.DELIVERED:
            return [MessageShown(submission)]
        return [MessageDone(submission, state)]

    def _query(self, pdu: Query) -> Pdu:
        state = self._transit.state_of(pdu.message_id)
        if state is None:
            return Signal(Command.QUERY_SM_RESP, pdu.sequence, Status.ESME_RQUERYFAIL)
        return QueryResp(Command.QUERY_SM_RESP, pdu.sequence, pdu.message_id, "", state, 0)

    def _cancel(self, pdu: Cancel) -> int:
        return Status.ESME_ROK if self._transit.cancel(pdu.message_id) else Status.ESME_RCANCELFAIL

    def _on_deliver_resp(self, peer: Peer, pdu: MessageResp, now: Instant) -> list[CentreEffect]:
        delivered = peer.outstanding.pop(pdu.sequence, None)
        if delivered is None or peer.bind is None:
            return []
        system_id = peer.bind.system_id
        if pdu.status == Status.ESME_RX_T_APPN:
            self._schedule(now + 1.0, lambda _: self._deliver(system_id, delivered))
        return self._deliver_held(system_id)

    def _deliver(self, system_id: str, pdu: ShortMessage) -> list[CentreEffect]:
        self._held_for(system_id).append(pdu)
        return self._deliver_held(system_id)

    def _deliver_held(self, system_id: str) -> list[CentreEffect]:
        held = self._held_for(system_id)
        effects: list[CentreEffect] = []
        for peer in self._peers.values():
            if peer.bind is None or peer.bind.system_id != system_id or not peer.may_receive:
                continue
            while held and peer.has_room:
                effects.append(SendTo(peer.connection, peer.deliver(held.popleft())))
        return effects

    def _held_for(self, system_id: str) -> deque[ShortMessage]:
        # Only accounts get here, so the number of queues is bounded as well.
        return self._held.setdefault(system_id, deque(maxlen=self._settings.held_max))

    def _answer(self, peer: Peer, answer: Pdu) -> list[CentreEffect]:
        return [_send(peer, answer)] if self._peers.get(peer.connection) is peer else []

    def _close(self, peer: Peer) -> list[CentreEffect]:
        return [CloseTo(peer.connection), *self.disconnected(peer.connection)]

    def _schedule(self, at: float, act: Callable[[Instant], list[CentreEffect]]) -> None:
        heapq.heappush(self._due, (at, next(self._order), act))


def _send(peer: Peer, pdu: Pdu) -> SendTo:
    return SendTo(peer.connection, encode_pdu(pdu))


def _nack(peer: Peer, pdu: Pdu, status: int) -> SendTo:
    return _send(peer, Signal(Command.GENERIC_NACK, pdu.sequence, status))
