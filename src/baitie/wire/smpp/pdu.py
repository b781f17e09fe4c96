"""Protocol data units of SMPP 3.4 as values: one class for each shape of body (SMPP v3.4, chapter 4)."""

from dataclasses import dataclass, field

from baitie.kernel.errors import InputError, WireError
from baitie.wire.smpp.constants import INTERFACE_VERSION

Tlvs = tuple[tuple[int, bytes], ...]


class SmppError(WireError):
    """Bytes from the peer do not follow SMPP 3.4. The unit was not acted on; see the position in the details."""

    code = "smpp-malformed"


class SmppFieldError(InputError):
    """A field does not fit SMPP 3.4. Shorten the value that the details name, or use ASCII for it."""

    code = "smpp-field-invalid"


@dataclass(frozen=True, slots=True)
class Address:
    """An SMPP address: type of number, numbering plan, digits or letters (at most 20)."""

    ton: int = 0
    npi: int = 0
    digits: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Bind:
    """bind_receiver, bind_transmitter or bind_transceiver (§4.1)."""

    command: int
    sequence: int
    system_id: str
    password: str
    system_type: str = ""
    interface_version: int = INTERFACE_VERSION
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""
    status: int = 0

    def __repr__(self) -> str:
        return f"Bind(command={self.command:#x}, sequence={self.sequence}, system_id={self.system_id!r}, password=***)"


@dataclass(frozen=True, slots=True)
class BindResp:
    """Answer to a bind; `system_id` is None where a refusal came without a body."""

    command: int
    sequence: int
    status: int = 0
    system_id: str | None = None
    tlvs: Tlvs = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """A unit without body: unbind, enquire_link, their answers, generic_nack, cancel_sm_resp."""

    command: int
    sequence: int
    status: int = 0


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """submit_sm (§4.4.1) or deliver_sm (§4.6.1): their bodies are the same."""

    command: int
    sequence: int
    source: Address
    destination: Address
    short_message: bytes = field(repr=False)
    data_coding: int = 0
    esm_class: int = 0
    registered_delivery: int = 0
    validity_period: str = ""
    schedule_delivery_time: str = ""
    service_type: str = ""
    protocol_id: int = 0
    priority_flag: int = 0
    replace_if_present_flag: int = 0
    sm_default_msg_id: int = 0
    tlvs: Tlvs = ()
    status: int = 0


@dataclass(frozen=True, slots=True)
class DataMessage:
    """data_sm (§4.7.1): the text travels in message_payload."""

    command: int
    sequence: int
    source: Address
    destination: Address
    data_coding: int = 0
    esm_class: int = 0
    registered_delivery: int = 0
    service_type: str = ""
    tlvs: Tlvs = ()
    status: int = 0


@dataclass(frozen=True, slots=True)
class MessageResp:
    """submit_sm_resp, deliver_sm_resp or data_sm_resp; `message_id` is None where the body is missing."""

    command: int
    sequence: int
    status: int = 0
    message_id: str | None = None
    tlvs: Tlvs = ()


@dataclass(frozen=True, slots=True)
class Query:
    """query_sm (§4.8.1)."""

    command: int
    sequence: int
    message_id: str
    source: Address
    status: int = 0


@dataclass(frozen=True, slots=True)
class QueryResp:
    """query_sm_resp (§4.8.2)."""

    command: int
    sequence: int
    message_id: str
    final_date: str
    message_state: int
    error_code: int
    status: int = 0


@dataclass(frozen=True, slots=True)
class Cancel:
    """cancel_sm (§4.9.1)."""

    command: int
    sequence: int
    service_type: str
    message_id: str
    source: Address
    destination: Address
    status: int = 0


@dataclass(frozen=True, slots=True)
class UnknownPdu:
    """A unit that we do not know, kept as it came; to be answered with generic_nack if it is a request."""

    command: int
    sequence: int
    status: int
    body: bytes


Pdu = Bind | BindResp | Signal | ShortMessage | DataMessage | MessageResp | Query | QueryResp | Cancel | UnknownPdu


def tlv(tlvs: Tlvs, tag: int) -> bytes | None:
    """The value of the first optional parameter with this tag, or None."""
    for candidate, value in tlvs:
        if candidate == tag:
            return value
    return None
