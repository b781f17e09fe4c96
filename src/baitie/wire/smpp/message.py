"""From text to a submit_sm of one segment, and from a deliver_sm back to text."""

from dataclasses import dataclass
from typing import Final

from baitie.kernel.sms_text import SmsEncoding, TextRefusal, encode_gsm7, encode_ucs2, measure
from baitie.wire.smpp.constants import (
    DATA_CODING_DEFAULT,
    DATA_CODING_GSM7_CLASS0_ALTERNATIVE,
    DATA_CODING_UCS2,
    DATA_CODING_UCS2_CLASS0,
    ESM_CLASS_UDHI,
    NPI_E164,
    NPI_UNKNOWN,
    TON_ALPHANUMERIC,
    TON_INTERNATIONAL,
    TON_UNKNOWN,
    Command,
    Tag,
)
from baitie.wire.smpp.pdu import Address, DataMessage, ShortMessage, Tlvs, tlv
from baitie.wire.smpp.readings import likeliest_reading_untrusted

ADDRESS_CHARS_MAX: Final = 20
ALPHANUMERIC_CHARS_MAX: Final = 11  # 3GPP TS 23.040 §9.1.2.5: ten octets of septets


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a message centre wants to see, where centres differ.

    `gsm7_flash_data_coding` is 0xF0 or 0x10; `ucs2_flash_data_coding` is 0x18 by 3GPP TS 23.038.
    `asks_display` adds dest_addr_subunit = 1. `default_alphabet_is_gsm7` False sends everything as UCS-2,
    for centres whose default alphabet cannot be known.
    """

    gsm7_flash_data_coding: int = DATA_CODING_GSM7_CLASS0_ALTERNATIVE
    ucs2_flash_data_coding: int = DATA_CODING_UCS2_CLASS0
    default_alphabet_is_gsm7: bool = True
    destination_ton: int = TON_INTERNATIONAL
    destination_npi: int = NPI_E164
    destination_has_plus: bool = False
    service_type: str = ""
    asks_display: bool = False


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A message of one segment, ready to be sent: encoded text and addresses."""

    source: Address
    destination: Address
    short_message: bytes
    data_coding: int
    service_type: str
    tlvs: Tlvs


@dataclass(frozen=True, slots=True)
class MessageRefusal:
    """Why a text cannot be sent as one message (拒绝来电): `cause` in kebab-case and the place in the text, if any."""

    cause: str
    index: int | None = None


def compose(sender: str, to_e164: str, text: str, is_flash: bool, dialect: Dialect) -> TextMessage | MessageRefusal:
    """The message as the centre wants it; refused when it needs more than one segment or cannot be encoded."""
    source = sender_address(sender)
    if source is None:
        return MessageRefusal("sender-malformed")
    if not text:
        return MessageRefusal("empty-text")
    size = measure(text)
    if isinstance(size, TextRefusal):
        return MessageRefusal(size.reason, size.index)
    is_gsm7 = size.encoding is SmsEncoding.GSM7 and dialect.default_alphabet_is_gsm7
    octets = encode_gsm7(text) if is_gsm7 else encode_ucs2(text)
    assert isinstance(octets, bytes), "a measured text can be encoded"
    if size.segments > 1 or (not is_gsm7 and len(octets) > 140):
        return MessageRefusal("more-than-one-segment")
    if is_flash:
        coding = dialect.gsm7_flash_data_coding if is_gsm7 else dialect.ucs2_flash_data_coding
    else:
        coding = DATA_CODING_DEFAULT if is_gsm7 else DATA_CODING_UCS2
    digits = to_e164 if dialect.destination_has_plus else to_e164[1:]
    destination = Address(dialect.destination_ton, dialect.destination_npi, digits)
    tlvs: Tlvs = ((Tag.DEST_ADDR_SUBUNIT, b"\x01"),) if dialect.asks_display and is_flash else ()
    return TextMessage(source, destination, octets, coding, dialect.service_type, tlvs)


def sender_address(sender: str) -> Address | None:
    """An address for digits, +digits or up to eleven letters; None where SMPP cannot carry it."""
    digits = sender.removeprefix("+")
    if not sender.isascii() or not sender.isprintable() or not digits or len(sender) > ADDRESS_CHARS_MAX:
        return None
    if digits.isdigit():
        if sender.startswith("+"):
            return Address(TON_INTERNATIONAL, NPI_E164, digits)
        return Address(TON_UNKNOWN, NPI_E164, digits)
    if len(sender) > ALPHANUMERIC_CHARS_MAX:
        return None
    return Address(TON_ALPHANUMERIC, NPI_UNKNOWN, sender)


def submit_sm(message: TextMessage, sequence: int, validity_period: str) -> ShortMessage:
    """The submit_sm of a composed message; a final receipt is asked for."""
    return ShortMessage(
        command=Command.SUBMIT_SM,
        sequence=sequence,
        source=message.source,
        destination=message.destination,
        short_message=message.short_message,
        data_coding=message.data_coding,
        registered_delivery=1,
        validity_period=validity_period,
        service_type=message.service_type,
        tlvs=message.tlvs,
    )


def is_flash(data_coding: int) -> bool:
    """Whether a data_coding says message class 0 (3GPP TS 23.038 §4)."""
    if data_coding & 0xF0 == 0xF0:
        return data_coding & 0x03 == 0
    return data_coding & 0xC0 == 0 and data_coding & 0x13 == 0x10


def octets_of(pdu: ShortMessage | DataMessage) -> bytes:
    """The message without its user data header, wherever the unit carries it."""
    octets = whole_octets_of(pdu)
    if pdu.esm_class & ESM_CLASS_UDHI and octets:
        return octets[octets[0] + 1 :]
    return octets


def whole_octets_of(pdu: ShortMessage | DataMessage) -> bytes:
    """The message with its user data header, if it has one."""
    octets = pdu.short_message if isinstance(pdu, ShortMessage) else b""
    return octets or tlv(pdu.tlvs, Tag.MESSAGE_PAYLOAD) or b""


def decode_text_untrusted(octets: bytes, data_coding: int) -> str:
    """Text of a message as it is likeliest to be meant. Never fails: what fits no coding is shown as Latin-1.

    A reply of a callee may be a refusal, so that illegible text is better handed on than lost; to ask for a refusal,
    use `readings_untrusted`.
    """
    return likeliest_reading_untrusted(octets, data_coding)
