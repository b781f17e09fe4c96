"""Delivery receipts: their text and optional parameters, and the ids that match them (SMPP v3.4 §2.11, App. B)."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from baitie.wire.smpp.constants import (
    ESM_CLASS_INTERMEDIATE,
    ESM_CLASS_RECEIPT,
    ESM_CLASS_TYPE_MASK,
    MessageState,
    Tag,
)
from baitie.wire.smpp.pdu import DataMessage, ShortMessage, SmppError, Tlvs, tlv

_STATES: Final = {
    "ENROUTE": MessageState.ENROUTE,
    "DELIVRD": MessageState.DELIVERED,
    "EXPIRED": MessageState.EXPIRED,
    "DELETED": MessageState.DELETED,
    "UNDELIV": MessageState.UNDELIVERABLE,
    "ACCEPTD": MessageState.ACCEPTED,
    "UNKNOWN": MessageState.UNKNOWN,
    "REJECTD": MessageState.REJECTED,
}
_NAMES: Final = {state: name for name, state in _STATES.items()}
_FIELD: Final = re.compile(rb"(?i)\b(id|stat|err):([^\s]{1,255})")
_TEXT_OCTETS_MAX: Final = 1024
_MESSAGE_ID_CHARS_MAX: Final = 255


class MessageIdForm(StrEnum):
    """How a centre writes one message id in its answer and in the text of its receipt."""

    SAME = "same"
    HEX_THEN_DECIMAL = "hex-then-decimal"
    DECIMAL_THEN_HEX = "decimal-then-hex"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Delivery receipt (回执): what the centre says became of a message.

    DELIVERED means that the handset took it, not that anybody saw it. `stat` is the word of the text,
    kept because centres invent their own; an unknown word gives `MessageState.UNKNOWN`.
    """

    state: MessageState
    text_id: str | None
    tlv_id: str | None
    stat: str | None = None
    error: str | None = None


def is_receipt(esm_class: int) -> bool:
    """Whether a deliver_sm carries a receipt or an intermediate notification and no message of a person."""
    return esm_class & ESM_CLASS_TYPE_MASK in (ESM_CLASS_RECEIPT, ESM_CLASS_INTERMEDIATE)


def parse_receipt_untrusted(pdu: ShortMessage | DataMessage) -> Receipt:
    """The receipt in a deliver_sm or data_sm; optional parameters win over the text. Raises `SmppError`."""
    tlvs = pdu.tlvs
    text = pdu.short_message if isinstance(pdu, ShortMessage) else b""
    text = text or tlv(tlvs, Tag.MESSAGE_PAYLOAD) or b""
    fields: dict[bytes, str] = {}
    for name, value in _FIELD.findall(text[:_TEXT_OCTETS_MAX]):
        fields.setdefault(name.lower(), value.decode("latin-1"))
    text_id, stat = fields.get(b"id"), fields.get(b"stat")
    id_value = tlv(tlvs, Tag.RECEIPTED_MESSAGE_ID)
    tlv_id = id_value[:_MESSAGE_ID_CHARS_MAX].rstrip(b"\0").decode("latin-1") if id_value else None
    if not text_id and not tlv_id:
        raise SmppError(field="receipted_message_id", sequence=pdu.sequence)
    return Receipt(_state(tlvs, stat), text_id, tlv_id or None, stat, _error(tlvs, fields.get(b"err")))


def _state(tlvs: Tlvs, stat: str | None) -> MessageState:
    value = tlv(tlvs, Tag.MESSAGE_STATE)
    if value is not None and len(value) == 1 and 1 <= value[0] <= 8:
        return MessageState(value[0])
    if stat is None:
        return MessageState.UNKNOWN
    return _STATES.get(stat.upper()[:7], MessageState.UNKNOWN)


def _error(tlvs: Tlvs, text_error: str | None) -> str | None:
    value = tlv(tlvs, Tag.NETWORK_ERROR_CODE)
    if value is not None and len(value) == 3:
        return f"{value[0]}:{int.from_bytes(value[1:], 'big')}"
    return text_error


def answer_key(message_id: str, form: MessageIdForm) -> str | int:
    """The key under which an id of a submit_sm_resp is remembered."""
    if form is MessageIdForm.SAME:
        return message_id
    return _number(message_id, 16 if form is MessageIdForm.HEX_THEN_DECIMAL else 10)


def receipt_keys(receipt: Receipt, form: MessageIdForm) -> tuple[str | int, ...]:
    """The keys under which the receipt's message may be remembered, likeliest first."""
    keys: list[str | int] = []
    if receipt.tlv_id is not None:
        keys.append(answer_key(receipt.tlv_id, form))
    if receipt.text_id is not None:
        if form is MessageIdForm.SAME:
            keys.append(receipt.text_id)
        else:
            keys.append(_number(receipt.text_id, 10 if form is MessageIdForm.HEX_THEN_DECIMAL else 16))
    return tuple(dict.fromkeys(keys))


def _number(digits: str, base: int) -> str | int:
    # int() also takes signs, spaces and underscores, and is slow for very long decimals.
    if not (digits.isascii() and digits.isalnum() and len(digits) <= 64):
        return digits
    try:
        return int(digits, base)
    except ValueError:
        return digits


def receipt_text(message_id: str, state: MessageState, submitted_at: datetime, done_at: datetime, error: str) -> bytes:
    """The customary text of a receipt; its dates have minutes only."""
    delivered = int(state is MessageState.DELIVERED)
    return (
        f"id:{message_id} sub:001 dlvrd:{delivered:03} submit date:{submitted_at:%y%m%d%H%M} "
        f"done date:{done_at:%y%m%d%H%M} stat:{_NAMES[state]} err:{error} text:"
    ).encode("latin-1")


def receipt_tlvs(message_id: str, state: MessageState) -> Tlvs:
    """The optional parameters that say the same as the text."""
    return (
        (Tag.RECEIPTED_MESSAGE_ID, message_id.encode("latin-1") + b"\0"),
        (Tag.MESSAGE_STATE, bytes((state,))),
    )
