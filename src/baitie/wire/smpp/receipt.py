"""Delivery receipts: their text and optional parameters, and the ids that match them (SMPP v3.4 §2.11, App. B)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from baitie.wire.smpp.constants import ESM_CLASS_INTERMEDIATE, ESM_CLASS_RECEIPT, ESM_CLASS_TYPE_MASK, MessageState, Tag
from baitie.wire.smpp.message import octets_of, whole_octets_of
from baitie.wire.smpp.pdu import DataMessage, ShortMessage, SmppError, Tlvs, tlv
from baitie.wire.smpp.receipt_words import NAMES, is_abbreviation, is_failure_code, state_of_word

_BY_NUMBER: Final[dict[int, MessageState]] = {
    0: MessageState.ENROUTE,  # SCHEDULED of SMPP 5.0
    **{int(state): state for state in MessageState},
    9: MessageState.UNDELIVERABLE,  # SKIPPED of SMPP 5.0
}
_FIELD: Final = re.compile(
    rb"(?i)(?<![a-z0-9_])(?:msg_?|message_?)?(id|sub|dlvrd|submit[ _]date|done[ _]date|stat|err)(?:us|or)? ?[:=]\s{0,2}"
    rb"(?!(?:sub|dlvrd|submit|done|stat|err)\b)([^\s,;|&]{1,255})"
)
_QUOTED: Final = re.compile(rb"(?i)(?<![a-z0-9_])text ?[:=]")  # what follows is the beginning of our own message
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
    kept because centres invent their own; an unknown word gives `MessageState.UNKNOWN`. An intermediate
    notification is never the end of a message, whatever its word.
    """

    state: MessageState
    text_id: str | None
    tlv_id: str | None
    stat: str | None = None
    error: str | None = None
    is_intermediate: bool = False

    @property
    def is_news(self) -> bool:
        """Whether it says more than that the message is on its way."""
        return not self.is_intermediate and not self.state.is_underway

    @property
    def is_failure_code(self) -> bool:
        """Whether in place of a word it has a code of the network, as Chinese gateways write failures."""
        return self.stat is not None and is_failure_code(self.stat)


def is_receipt(esm_class: int) -> bool:
    """Whether esm_class says that a deliver_sm is a receipt or an intermediate notification, no message of a person."""
    return esm_class & ESM_CLASS_TYPE_MASK in (ESM_CLASS_RECEIPT, ESM_CLASS_INTERMEDIATE)


def is_receipt_untrusted(pdu: ShortMessage | DataMessage, is_ours: Callable[[Receipt], bool]) -> bool:
    """Whether a deliver_sm or data_sm is a receipt, also where its esm_class does not say so. Raises nothing.

    Many centres leave esm_class at 0. Then receipted_message_id or message_state tells (§5.3.2.12, §5.3.2.35: both
    belong to receipts), or the customary text: `id:… stat:…` with an id that `is_ours`, or an id with two further
    fields of Appendix B, which no person writes. A receipt quotes the beginning of our own message: taken for the
    callee's words, a card that says how to refuse would be a refusal.
    """
    if is_receipt(pdu.esm_class):
        return True
    if tlv(pdu.tlvs, Tag.RECEIPTED_MESSAGE_ID) is not None or tlv(pdu.tlvs, Tag.MESSAGE_STATE) is not None:
        return True
    fields, has_quote = _fields(pdu)
    if b"id" not in fields:
        return False
    if len(fields) > 2:
        return True
    if b"stat" not in fields:
        return False
    if has_quote and state_of_word(fields[b"stat"]) is not MessageState.UNKNOWN:
        return True
    if is_abbreviation(fields[b"stat"]):
        return True
    return is_ours(Receipt(state_of_word(fields[b"stat"]), fields[b"id"], None))


def parse_receipt_untrusted(pdu: ShortMessage | DataMessage) -> Receipt:
    """The receipt in a deliver_sm or data_sm; optional parameters win over the text. Raises `SmppError`."""
    tlvs = pdu.tlvs
    fields, _ = _fields(pdu)
    text_id, stat = fields.get(b"id"), fields.get(b"stat") or _bare_word(pdu)
    id_value = tlv(tlvs, Tag.RECEIPTED_MESSAGE_ID)
    tlv_id = _plain(id_value)[:_MESSAGE_ID_CHARS_MAX].strip().decode("latin-1") if id_value else None
    if not text_id and not tlv_id:
        raise SmppError(field="receipted_message_id", sequence=pdu.sequence)
    is_intermediate = pdu.esm_class & ESM_CLASS_TYPE_MASK == ESM_CLASS_INTERMEDIATE
    error = _error(tlvs, fields.get(b"err"))
    return Receipt(_state(tlvs, stat), text_id, tlv_id or None, stat, error, is_intermediate)


def _fields(pdu: ShortMessage | DataMessage) -> tuple[dict[bytes, str], bool]:
    """The fields of the customary text, and whether a quotation follows them; the first of each name counts."""
    found: tuple[dict[bytes, str], bool] = ({}, False)
    for octets in (octets_of(pdu), whole_octets_of(pdu)):  # some centres mark a header that is not there
        head, *quote = _QUOTED.split(_plain(octets[:_TEXT_OCTETS_MAX]), 1)
        fields: dict[bytes, str] = {}
        for name, value in _FIELD.findall(head):
            fields.setdefault(name.lower(), value.decode("latin-1"))
        found = (fields, bool(quote))
        if b"id" in fields:
            break
    return found


def _bare_word(pdu: ShortMessage | DataMessage) -> str | None:
    """The state where it is the whole text, the id standing beside it."""
    text = _plain(octets_of(pdu)[:_TEXT_OCTETS_MAX]).strip().decode("latin-1")
    return text if state_of_word(text) is not MessageState.UNKNOWN or is_failure_code(text) else None


def _plain(octets: bytes) -> bytes:
    """The ASCII of a text, in UTF-16 of either order as well: names and values of receipts are ASCII."""
    return octets.replace(b"\0", b"")


def _state(tlvs: Tlvs, stat: str | None) -> MessageState:
    value = tlv(tlvs, Tag.MESSAGE_STATE)
    said = MessageState.UNKNOWN if stat is None else state_of_word(stat)
    if value is None or not 0 < len(value) <= 4:
        return said
    number = int(value) if value.isdigit() else int.from_bytes(value, "big")  # some centres write a digit
    state = _BY_NUMBER.get(number, MessageState.UNKNOWN)
    return said if state is MessageState.UNKNOWN else state


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
    """The keys under which the receipt's message may be remembered, likeliest first.

    receipted_message_id is the id of the answer, in its form; but a centre that writes the same there as in its
    text writes both in the text's form, and what is no number there has the form of the answer.
    """
    keys: list[str | int] = []
    tlv_id, text_id = receipt.tlv_id, receipt.text_id
    if tlv_id is not None and (text_id is None or loose_id(tlv_id) != loose_id(text_id)):
        keys.append(answer_key(tlv_id, form))
    if text_id is not None:
        if form is MessageIdForm.SAME:
            keys += [text_id] if tlv_id is None else [tlv_id, text_id]
        else:
            number = _number(text_id, 10 if form is MessageIdForm.HEX_THEN_DECIMAL else 16)
            keys.append(number if isinstance(number, int) else answer_key(text_id, form))
    return tuple(dict.fromkeys(keys))


def loose_id(message_id: str | int) -> str:
    """An id without what centres write now so, now so: case and zeros in front."""
    return str(message_id).strip().casefold().lstrip("0") or "0"


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
        f"done date:{done_at:%y%m%d%H%M} stat:{NAMES[state]} err:{error} text:"
    ).encode("latin-1")


def receipt_tlvs(message_id: str, state: MessageState) -> Tlvs:
    """The optional parameters that say the same as the text."""
    return (
        (Tag.RECEIPTED_MESSAGE_ID, message_id.encode("latin-1") + b"\0"),
        (Tag.MESSAGE_STATE, bytes((state,))),
    )
