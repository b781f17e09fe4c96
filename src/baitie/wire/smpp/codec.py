"""Bytes to protocol data units and back, exactly (SMPP v3.4, chapters 4 and 5)."""

import struct
from collections.abc import Callable
from typing import Final

from baitie.wire.smpp.constants import HEADER_OCTETS, PDU_OCTETS_MAX, Command
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
    SmppFieldError,
    Tlvs,
    UnknownPdu,
)

_HEADER: Final = struct.Struct(">IIII")
_TLV: Final = struct.Struct(">HH")

TLVS_MAX: Final = 256
# Sizes of C-octet strings with their final NUL (chapters 4 and 5.2). Centres exceed the specified 65 of
# message_id now and then, and a longer id does no harm.
_SYSTEM_ID, _PASSWORD, _SYSTEM_TYPE, _ADDRESS_RANGE = 16, 9, 13, 41
_SERVICE_TYPE, _ADDRESS, _TIME, _MESSAGE_ID = 6, 21, 17, 256
_DATA_ADDRESS = 65


class _Body:
    """Reads fields from the body of one unit and refuses to go beyond its end."""

    __slots__ = ("data", "end", "position")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = HEADER_OCTETS
        self.end = len(data)

    def text(self, size_max: int) -> str:
        start = self.position
        stop = self.data.find(b"\0", start, start + size_max)
        if stop < 0:
            raise SmppError(octet=start, field_octets_max=size_max)
        self.position = stop + 1
        return self.data[start:stop].decode("latin-1")

    def octet(self) -> int:
        if self.position >= self.end:
            raise SmppError(octet=self.position)
        value = self.data[self.position]
        self.position += 1
        return value

    def octets(self, count: int) -> bytes:
        start = self.position
        if start + count > self.end:
            raise SmppError(octet=start, wanted_octets=count)
        self.position = start + count
        return self.data[start : start + count]

    def address(self, size_max: int = _ADDRESS) -> Address:
        return Address(self.octet(), self.octet(), self.text(size_max))

    def tlvs(self) -> Tlvs:
        if self.position == self.end:
            return ()
        found: list[tuple[int, bytes]] = []
        while self.position < self.end:
            tag, size = _TLV.unpack(self.octets(4))
            found.append((tag, self.octets(size)))
            if len(found) > TLVS_MAX:
                raise SmppError(octet=self.position, tlvs_max=TLVS_MAX)
        return tuple(found)

    def is_empty(self) -> bool:
        return self.end == HEADER_OCTETS

    def finish(self) -> None:
        if self.position != self.end:
            raise SmppError(octet=self.position, left_over_octets=self.end - self.position)


def parse_pdu_untrusted(data: bytes) -> Pdu:
    """One whole unit, header included. Unknown commands give `UnknownPdu`.

    Raises `SmppError`; its details hold `command` and `sequence` when the header could be read.
    """
    if not HEADER_OCTETS <= len(data) <= PDU_OCTETS_MAX:
        raise SmppError(octets=len(data))
    length, command, status, sequence = _HEADER.unpack_from(data)
    if length != len(data):
        raise SmppError(octets=len(data), command_length=length, command=command, sequence=sequence)
    reader = _READERS.get(command)
    if reader is None:
        return UnknownPdu(command, sequence, status, data[HEADER_OCTETS:])
    body = _Body(data)
    try:
        pdu = reader(body, command, status, sequence)
        body.finish()
    except SmppError as error:
        error.details.update(command=command, sequence=sequence)
        raise
    return pdu


def _read_bind(body: _Body, command: int, status: int, sequence: int) -> Pdu:
    system_id, password, system_type = body.text(_SYSTEM_ID), body.text(_PASSWORD), body.text(_SYSTEM_TYPE)
    version, ton, npi = body.octet(), body.octet(), body.octet()
    address_range = body.text(_ADDRESS_RANGE)
    return Bind(command, sequence, system_id, password, system_type, version, ton, npi, address_range, status)


def _read_bind_resp(body: _Body, command: int, status: int, sequence: int) -> Pdu:
    if body.is_empty():
        return BindResp(command, sequence, status)
    return BindResp(command, sequence, status, body.text(_SYSTEM_ID), body.tlvs())


def _read_signal(body: _Body, command: int, status: int, sequence: int) -> Pdu:
    return Signal(command, sequence, status)


def _read_short_message(body: _Body, command: int, status: int, sequence: int) -> Pdu:
    service_type = body.text(_SERVICE_TYPE)
    source, destination = body.address(), body.address()
    esm_class, protocol_id, priority_flag = body.octets(3)
    schedule, validity = body.text(_TIME), body.text(_TIME)
    registered_delivery, replace_if_present, data_coding, default_id, sm_length = body.octets(5)
    return ShortMessage(
        command=command,
        sequence=sequence,
        source=source,
        destination=destination,
        short_message=body.octets(sm_length),
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
        tlvs=body.tlvs(),
        status=status,
    )


def _read_data_message(body: _Body, command: int, status: int, sequence: int) -> Pdu:
    service_type = body.text(_SERVICE_TYPE)
    source, destination = body.address(_DATA_ADDRESS), body.address(_DATA_ADDRESS)
    esm_class, registered_delivery, data_coding = body.octets(3)
    return DataMessage(
        command=command,
        sequence=sequence,
        source=source,
        destination=destination,
        data_coding=data_coding,
        esm_class=esm_class,
        registered_delivery=registered_delivery,
        service_type=service_type,
        tlvs=body.tlvs(),
        status=status,
    )


def _read_message_resp(body: _Body, command: int, status: int, sequence: int) -> Pdu:
    if body.is_empty():
        return MessageResp(command, sequence, status)
    return MessageResp(command, sequence, status, body.text(_MESSAGE_ID), body.tlvs())


def _read_query(body: _Body, command: int, status: int, sequence: int) -> Pdu:
    return Query(command, sequence, body.text(_MESSAGE_ID), body.address(), status)


def _read_query_resp(body: _Body, command: int, status: int, sequence: int) -> Pdu:
    if body.is_empty():
        return Signal(command, sequence, status)
    message_id, final_date = body.text(_MESSAGE_ID), body.text(_TIME)
    return QueryResp(command, sequence, message_id, final_date, body.octet(), body.octet(), status)


def _read_cancel(body: _Body, command: int, status: int, sequence: int) -> Pdu:
    service_type, message_id = body.text(_SERVICE_TYPE), body.text(_MESSAGE_ID)
    return Cancel(command, sequence, service_type, message_id, body.address(), body.address(), status)


_Reader = Callable[[_Body, int, int, int], Pdu]
_READERS: Final[dict[int, _Reader]] = {
    Command.BIND_RECEIVER: _read_bind,
    Command.BIND_TRANSMITTER: _read_bind,
    Command.BIND_TRANSCEIVER: _read_bind,
    Command.BIND_RECEIVER_RESP: _read_bind_resp,
    Command.BIND_TRANSMITTER_RESP: _read_bind_resp,
    Command.BIND_TRANSCEIVER_RESP: _read_bind_resp,
    Command.SUBMIT_SM: _read_short_message,
    Command.DELIVER_SM: _read_short_message,
    Command.DATA_SM: _read_data_message,
    Command.SUBMIT_SM_RESP: _read_message_resp,
    Command.DELIVER_SM_RESP: _read_message_resp,
    Command.DATA_SM_RESP: _read_message_resp,
    Command.QUERY_SM: _read_query,
    Command.QUERY_SM_RESP: _read_query_resp,
    Command.CANCEL_SM: _read_cancel,
    Command.CANCEL_SM_RESP: _read_signal,
    Command.UNBIND: _read_signal,
    Command.UNBIND_RESP: _read_signal,
    Command.ENQUIRE_LINK: _read_signal,
    Command.ENQUIRE_LINK_RESP: _read_signal,
    Command.GENERIC_NACK: _read_signal,
}


def encode_pdu(pdu: Pdu) -> bytes:
    """The unit as bytes. Raises `SmppFieldError` where a text is too long or not Latin-1."""
    body = _body_of(pdu)
    return _HEADER.pack(HEADER_OCTETS + len(body), pdu.command, pdu.status, pdu.sequence) + body


def _body_of(pdu: Pdu) -> bytes:
    match pdu:
        case ShortMessage():
            return _short_message_body(pdu)
        case MessageResp() | BindResp():
            name = pdu.message_id if isinstance(pdu, MessageResp) else pdu.system_id
            size_max = _MESSAGE_ID if isinstance(pdu, MessageResp) else _SYSTEM_ID
            return b"" if name is None else _text(name, size_max) + _tlvs(pdu.tlvs)
        case Signal():
            return b""
        case UnknownPdu():
            return pdu.body
        case Bind():
            names = _text(pdu.system_id, _SYSTEM_ID) + _text(pdu.password, _PASSWORD)
            numbers = bytes((pdu.interface_version, pdu.addr_ton, pdu.addr_npi))
            return names + _text(pdu.system_type, _SYSTEM_TYPE) + numbers + _text(pdu.address_range, _ADDRESS_RANGE)
        case DataMessage():
            addresses = _address(pdu.source, _DATA_ADDRESS) + _address(pdu.destination, _DATA_ADDRESS)
            numbers = bytes((pdu.esm_class, pdu.registered_delivery, pdu.data_coding))
            return _text(pdu.service_type, _SERVICE_TYPE) + addresses + numbers + _tlvs(pdu.tlvs)
        case Query():
            return _text(pdu.message_id, _MESSAGE_ID) + _address(pdu.source)
        case QueryResp():
            names = _text(pdu.message_id, _MESSAGE_ID) + _text(pdu.final_date, _TIME)
            return names + bytes((pdu.message_state, pdu.error_code))
        case Cancel():
            names = _text(pdu.service_type, _SERVICE_TYPE) + _text(pdu.message_id, _MESSAGE_ID)
            return names + _address(pdu.source) + _address(pdu.destination)


def _short_message_body(pdu: ShortMessage) -> bytes:
    if len(pdu.short_message) > 255:
        raise SmppFieldError(field="short_message", octets=len(pdu.short_message))
    head = bytes((pdu.esm_class, pdu.protocol_id, pdu.priority_flag))
    tail = bytes(
        (
            pdu.registered_delivery,
            pdu.replace_if_present_flag,
            pdu.data_coding,
            pdu.sm_default_msg_id,
            len(pdu.short_message),
        )
    )
    return b"".join(
        (
            _text(pdu.service_type, _SERVICE_TYPE),
            _address(pdu.source),
            _address(pdu.destination),
            head,
            _text(pdu.schedule_delivery_time, _TIME),
            _text(pdu.validity_period, _TIME),
            tail,
            pdu.short_message,
            _tlvs(pdu.tlvs),
        )
    )


def _address(address: Address, size_max: int = _ADDRESS) -> bytes:
    return bytes((address.ton, address.npi)) + _text(address.digits, size_max)


def _text(value: str, size_max: int) -> bytes:
    try:
        encoded = value.encode("latin-1")
    except UnicodeEncodeError as error:
        raise SmppFieldError(index=error.start) from error
    if len(encoded) >= size_max or b"\0" in encoded:
        raise SmppFieldError(octets=len(encoded), octets_max=size_max - 1)
    return encoded + b"\0"


def _tlvs(tlvs: Tlvs) -> bytes:
    if not tlvs:
        return b""
    return b"".join([_TLV.pack(tag, len(value)) + value for tag, value in tlvs])


class PduStream:
    """Cuts a byte stream into units. Holds at most one unit that is not yet whole (`PDU_OCTETS_MAX`).

    `fault` is set once a command_length is impossible: the stream cannot be followed any more.
    """

    __slots__ = ("_buffer", "fault")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.fault: SmppError | None = None

    def feed_untrusted(self, data: bytes) -> list[bytes]:
        """The units that `data` completes, in order; nothing more after a `fault`."""
        if self.fault is not None:
            return []
        buffer = self._buffer
        buffer += data
        frames: list[bytes] = []
        start, end = 0, len(buffer)
        while end - start >= 4:
            length = int.from_bytes(buffer[start : start + 4], "big")
            if not HEADER_OCTETS <= length <= PDU_OCTETS_MAX:
                self.fault = SmppError(command_length=length, command_length_max=PDU_OCTETS_MAX)
                break
            if end - start < length:
                break
            frames.append(bytes(buffer[start : start + length]))
            start += length
        if start:
            del buffer[:start]
        return frames
