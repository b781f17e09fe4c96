"""Long messages of handsets come in parts (3GPP TS 23.040 §9.2.3.24.1; SMPP v3.4 §5.3.2.22 for sar_* parameters)."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from baitie.wire.smpp.constants import ESM_CLASS_UDHI, Tag
from baitie.wire.smpp.message import whole_octets_of
from baitie.wire.smpp.pdu import DataMessage, ShortMessage, tlv

MESSAGES_MAX: Final = 1024  # in parts, not complete; beyond, the oldest is forgotten: each part was read when it came
JOINED_OCTETS_MAX: Final = 4096
_CONCATENATED_8, _CONCATENATED_16 = 0x00, 0x08


@dataclass(frozen=True, slots=True)
class Part:
    """Part of a long message (长短信分段): the reference that all parts share, their count, its place from 1."""

    reference: int
    total: int
    number: int


@dataclass(frozen=True, slots=True)
class UserData:
    """What a message carries (用户数据): `bodies` are the octets that may be its text, likeliest first."""

    bodies: tuple[bytes, ...]
    part: Part | None = None


def user_data_untrusted(pdu: ShortMessage | DataMessage) -> UserData:
    """The text of a deliver_sm or data_sm without its user data header, if it has one. Raises nothing.

    Some centres mark a header that is not there, or leave one unmarked; then the whole is a body too.
    """
    whole = whole_octets_of(pdu)
    header = whole[1 : whole[0] + 1] if whole else b""
    is_whole_header = bool(whole) and len(whole) > whole[0]
    elements = _elements(header) if is_whole_header else None
    is_marked = bool(pdu.esm_class & ESM_CLASS_UDHI)
    part = None if elements is None else _part_of(elements)
    rest = whole[len(header) + 1 :]
    is_header = part is not None or (is_marked and is_whole_header)
    may_be_header = bool(elements) and is_whole_header
    bodies = (rest, whole) if is_header else (whole, rest) if may_be_header else (whole,)
    payload = tlv(pdu.tlvs, Tag.MESSAGE_PAYLOAD)
    if payload and payload != whole:  # beside a short_message: nobody should, so neither may be lost
        bodies = (*bodies, payload)
    return UserData(bodies, part or _sar_part(pdu))


def _elements(header: bytes) -> dict[int, bytes] | None:
    """The information elements of a header; None where they do not fill it exactly."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 2 <= len(header):
        tag, size = header[at : at + 2]
        found[tag] = header[at + 2 : at + 2 + size]
        at += 2 + size
    return found if at == len(header) else None


def _part_of(elements: dict[int, bytes]) -> Part | None:
    short, long = elements.get(_CONCATENATED_8, b""), elements.get(_CONCATENATED_16, b"")
    if len(short) == 3:
        return _part(short[0], short[1], short[2])
    if len(long) == 4:
        return _part(int.from_bytes(long[:2], "big"), long[2], long[3])
    return None


def _sar_part(pdu: ShortMessage | DataMessage) -> Part | None:
    tags = (Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM)
    reference, total, number = (int.from_bytes(tlv(pdu.tlvs, tag) or b"", "big") for tag in tags)
    return _part(reference, total, number)


def _part(reference: int, total: int, number: int) -> Part | None:
    return Part(reference, total, number) if 2 <= total <= 255 and 1 <= number <= total else None


class PartBook:
    """Joins the parts of long messages as far as they have come, in whatever order."""

    def __init__(self) -> None:
        self._parts: OrderedDict[tuple[str, str, int, int], dict[int, bytes]] = OrderedDict()

    def join(self, sender: str, destination: str, part: Part, octets: bytes) -> bytes:
        """The octets around this part that follow one another without a gap, as far as known by now."""
        key = (sender, destination, part.reference, part.total)
        parts = self._parts.setdefault(key, {})
        if parts.get(part.number, octets) != octets:  # the reference is used again
            parts.clear()
        if sum(map(len, parts.values())) + len(octets) > JOINED_OCTETS_MAX:
            return octets
        parts[part.number] = octets
        first = last = part.number
        while first - 1 in parts:
            first -= 1
        while last + 1 in parts:
            last += 1
        joined = b"".join([parts[number] for number in range(first, last + 1)])
        if len(parts) == part.total:
            del self._parts[key]
        elif len(self._parts) > MESSAGES_MAX:
            self._parts.popitem(last=False)
        return joined
