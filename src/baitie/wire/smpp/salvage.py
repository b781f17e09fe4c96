"""What can still be read of a unit that does not follow SMPP 3.4: a reply of a callee may be in it, or an acceptance.

The codec is exact and refuses such units. Centres are not: an id without its final octet, an enquiry with a body, a
last optional parameter cut short, a length that says more than there is.
"""

import struct
from typing import Final

from baitie.wire.smpp.codec import TLVS_MAX
from baitie.wire.smpp.constants import HEADER_OCTETS, Command, Status, Tag
from baitie.wire.smpp.pdu import Address, BindResp, DataMessage, MessageResp, Pdu, ShortMessage, Signal, Tlvs, tlv
from baitie.wire.smpp.receipt import is_receipt

_HEADER: Final = struct.Struct(">IIII")
_TLV: Final = struct.Struct(">HH")
_TEXT_OCTETS_MAX: Final = 255  # of an id, an address or a time: beyond, this is something else
_SIGNALS: Final = frozenset(
    (
        Command.UNBIND,
        Command.UNBIND_RESP,
        Command.ENQUIRE_LINK,
        Command.ENQUIRE_LINK_RESP,
        Command.GENERIC_NACK,
        Command.CANCEL_SM_RESP,
    )
)
_BINDS: Final = frozenset((Command.BIND_RECEIVER_RESP, Command.BIND_TRANSMITTER_RESP, Command.BIND_TRANSCEIVER_RESP))
_RESPONSES: Final = frozenset((Command.SUBMIT_SM_RESP, Command.DELIVER_SM_RESP, Command.DATA_SM_RESP))


class _Unreadable(Exception):
    """The body ends, or goes on, where no field can be told."""


def salvage_untrusted(frame: bytes) -> Pdu | None:
    """The unit as far as it is legible; None where what matters of it is not. Raises nothing.

    Of an answer that is the status, and the id of an accepted message; of a message its text; of a receipt that it is
    one.
    """
    if len(frame) < HEADER_OCTETS:
        return None
    _, command, status, sequence = _HEADER.unpack_from(frame)
    body = frame[HEADER_OCTETS:]
    if command in _SIGNALS:
        return Signal(command, sequence, status)
    try:
        if command in _BINDS:
            return BindResp(command, sequence, status, _text_to_the_end(body))
        if command in _RESPONSES:
            is_accepted = status == Status.ESME_ROK
            return MessageResp(command, sequence, status, _text_to_the_end(body) if is_accepted else None)
        if command == Command.DELIVER_SM:
            return _short_message(_Fields(body), command, status, sequence)
        if command == Command.DATA_SM:
            return _data_message(_Fields(body), command, status, sequence)
    except _Unreadable:
        pass
    return None


def _text_to_the_end(body: bytes) -> str:
    text = body.partition(b"\0")[0]
    if len(text) > _TEXT_OCTETS_MAX:
        raise _Unreadable
    return text.decode("latin-1")


class _Fields:
    """Reads a body from the front; what is cut short at the end is taken as it is."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    @property
    def rest(self) -> bytes:
        return self._body[self._at :]

    def text(self) -> str:
        stop = self._body.find(b"\0", self._at, self._at + _TEXT_OCTETS_MAX + 1)
        if stop < 0:
            raise _Unreadable
        start, self._at = self._at, stop + 1
        return self._body[start:stop].decode("latin-1")

    def octets(self, count: int) -> bytes:
        if len(self.rest) < count:
            raise _Unreadable
        return self.at_most(count)

    def at_most(self, count: int) -> bytes:
        found = self.rest[:count]
        self._at += len(found)
        return found

    def address(self) -> Address:
        ton, npi = self.octets(2)
        return Address(ton, npi, self.text())

    def tlvs(self) -> Tlvs:
        """Those that are whole, and a message_payload that is cut."""
        found: list[tuple[int, bytes]] = []
        while len(self.rest) > _TLV.size and len(found) < TLVS_MAX:
            tag, size = _TLV.unpack_from(self.rest)
            is_whole = len(self.rest) >= _TLV.size + size
            if not is_whole and tag != Tag.MESSAGE_PAYLOAD:
                break
            self._at += _TLV.size
            found.append((tag, self.at_most(size)))
        return tuple(found)


def _short_message(fields: _Fields, command: int, status: int, sequence: int) -> ShortMessage | None:
    service_type = fields.text()
    source, destination = fields.address(), fields.address()
    esm_class, protocol_id, priority_flag = fields.octets(3)
    schedule, validity = fields.text(), fields.text()
    registered_delivery, replace_if_present, data_coding, default_id, sm_length = fields.octets(5)
    text = fields.at_most(sm_length)
    tlvs = fields.tlvs()
    if not text and tlv(tlvs, Tag.MESSAGE_PAYLOAD) is None:
        text = fields.rest  # behind a length of nothing
    if not text and not _tells(tlvs) and not is_receipt(esm_class):
        return None
    return ShortMessage(
        command=command,
        sequence=sequence,
        source=source,
        destination=destination,
        short_message=text,
        data_coding=data_coding,
        esm_class=esm_class,
        registered_delivery=registered_delivery,
        validity_period=validity,
        schedule_delivery_time=schedule,
        service_type=service_type,
        protocol_id=protocol_id,
        priority_flag=priority_flag,
        replace_if_present_flag=replace_if_present,
        sm_default_msg_id=default_id,
        tlvs=tlvs,
        status=status,
    )


def _data_message(fields: _Fields, command: int, status: int, sequence: int) -> DataMessage | None:
    service_type = fields.text()
    source, destination = fields.address(), fields.address()
    esm_class, registered_delivery, data_coding = fields.octets(3)
    tlvs = fields.tlvs()
    if not _tells(tlvs) and not is_receipt(esm_class):
        return None
    return DataMessage(
        command, sequence, source, destination, data_coding, esm_class, registered_delivery, service_type, tlvs, status
    )


def _tells(tlvs: Tlvs) -> bool:
    """Whether the optional parameters hold a text, or say which message a receipt is about."""
    return bool(tlv(tlvs, Tag.MESSAGE_PAYLOAD) or tlv(tlvs, Tag.RECEIPTED_MESSAGE_ID))
