"""Offer and answer (RFC 3264) for one audio stream of PCMA or PCMU, with telephone-event for keys.

We send frames of 20 ms whatever ptime the peer prefers: it is a preference, and every telephone plays 20 ms.
RTCP has a port of its own; rtcp-mux is never offered and is passed over where it is offered to us.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from baitie.wire.g711 import SAMPLES_PER_S, Codec
from baitie.wire.sdp.description import Direction, MediaDescription, SessionDescription, direction_of

PTIME_MS = 20
ADDRESSES_KEPT_MAX = 1024
TELEPHONE_EVENT_PT = 101  # dynamic; the number most gateways use
_PROTOCOLS = ("RTP/AVP", "RTP/AVPF")
_STATIC = {codec.payload_type: codec for codec in Codec}
_OURS = ""
_NO_HOSTS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class LocalMedia:
    """Our side of the audio stream (本端媒体): what offers and answers say. `version` counts the changes (o= line).

    `sections` are the m= lines of the session in their order, the empty one being ours: what a peer offered besides
    keeps its place, refused, in every later description (RFC 3264 §8).
    """

    address: str
    port: int
    session_id: int
    version: int = 1
    codecs: tuple[Codec, ...] = (Codec.PCMA, Codec.PCMU)
    telephone_event_pt: int | None = TELEPHONE_EVENT_PT
    direction: Direction = Direction.SENDRECV
    sections: tuple[str, ...] = (_OURS,)

    def changed(self, direction: Direction | None = None) -> "LocalMedia":
        """The same media for the next offer or answer of this dialog: version one higher, perhaps another direction."""
        return replace(self, version=self.version + 1, direction=direction or self.direction)

    def following(self, answer: bytes) -> "LocalMedia":
        """The same media with the sections of `answer`, which was made of it. Where the audio was taken away, its place
        is kept for another time."""
        rows = [row[2:] for row in answer.decode("latin-1").split("\r\n") if row[:2] == "m="]
        sections = tuple(row if row.split(" ")[1] == "0" else _OURS for row in rows)
        if _OURS not in sections:
            place = self.sections.index(_OURS)
            sections = (*sections[:place], _OURS, *sections[place + 1 :])
        return replace(self, sections=sections)


@dataclass(frozen=True, slots=True)
class MediaAgreement:
    """What both sides agreed on (媒体协商结果). `direction` is ours; payload types are those the peer wants to get,
    `local_telephone_event_pt` the one it sends keys with. `remote_ip` is unspecified (0.0.0.0) only where `direction`
    forbids us to send."""

    remote_ip: str
    remote_port: int
    remote_rtcp_port: int
    codec: Codec
    payload_type: int
    telephone_event_pt: int | None
    local_telephone_event_pt: int | None
    direction: Direction
    ptime_ms: int


@dataclass(frozen=True, slots=True)
class MediaRefusal:
    """No media can be agreed (媒体协商失败), because of `reason` in kebab-case. Answer 488, or end the call.

    With `address-not-numeric`, `host` is the name that the peer gave (RFC 4566 §5.7): find its address and ask again
    with it in `hosts`.
    """

    reason: str
    sip_status: int = 488
    host: str = field(default="", compare=False)


def make_offer(local: LocalMedia) -> bytes:
    """The offer of our side, as a body of type application/sdp."""
    payload_types = [(codec.payload_type, codec) for codec in local.codecs]
    ours = _section(local, payload_types, local.telephone_event_pt, local.direction)
    return _body(local, [[f"m={section}"] if section else ours for section in local.sections])


def accept_answer(
    local: LocalMedia, answer: SessionDescription, hosts: Mapping[str, str] = _NO_HOSTS
) -> MediaAgreement | MediaRefusal:
    """What the peer's answer to `make_offer(local)` means. `hosts` gives the addresses of names in c= lines.

    An answer has one section for each of the offer, in their order (RFC 3264 §6); where the one in our place is no
    audio, another that is will do.
    """
    if not answer.media:
        return MediaRefusal("no-media-in-answer")
    place = local.sections.index(_OURS)
    first = answer.media[place] if place < len(answer.media) else answer.media[0]
    agreed = _agree(local, first, local.telephone_event_pt, hosts)
    for media in answer.media:
        if isinstance(agreed, MediaAgreement) or agreed.host:
            return agreed
        if media is not first and media.kind == "audio" and media.port:
            agreed = _agree(local, media, local.telephone_event_pt, hosts)
    return agreed


def make_answer(
    offer: SessionDescription, local: LocalMedia, hosts: Mapping[str, str] = _NO_HOSTS
) -> tuple[bytes, MediaAgreement] | tuple[None, MediaRefusal]:
    """Our answer to an offer (first INVITE, re-INVITE or delayed offer) and what is agreed by it; or why not.

    The first usable audio section is taken; all others are refused with port 0 (RFC 3264 §6). `hosts` gives the
    addresses of names in c= lines.
    """
    refusal = MediaRefusal("no-audio-offered")
    for chosen, media in enumerate(offer.media):
        event_pt = _telephone_event(media) if local.telephone_event_pt is not None else None
        agreed = _agree(local, media, event_pt, hosts)
        if isinstance(agreed, MediaRefusal):
            refusal = agreed if media.kind == "audio" and not refusal.host else refusal
            continue
        sections = [_refused(section) for section in offer.media]
        sections[chosen] = _section(local, [(agreed.payload_type, agreed.codec)], event_pt, agreed.direction)
        return _body(local, sections), agreed
    return None, refusal


def answer_to_removal(offer: SessionDescription, local: LocalMedia) -> bytes | None:
    """Our answer to an offer within a call that takes our audio away: it has port 0, and so has the answer's (RFC 3264
    §8.2). None where something else is offered: a fax in place of the audio is refused whole, and the call goes on.
    """
    place = local.sections.index(_OURS)
    if any(media.port for media in offer.media) or not _is_removed(offer, place):
        return None
    return _body(local, [_refused(section) for section in offer.media])


def takes_away(answer: SessionDescription, local: LocalMedia) -> bool:
    """Whether an answer within a call refuses our audio, and has no other (RFC 3264 §6)."""
    return not any(media.port for media in answer.media) and _is_removed(answer, local.sections.index(_OURS))


def _is_removed(description: SessionDescription, place: int) -> bool:
    media = description.media
    return place < len(media) and media[place].kind == "audio" and media[place].port == 0


@lru_cache(ADDRESSES_KEPT_MAX)
def _ip_address(text: str) -> IPv4Address | IPv6Address:
    """Raises ValueError. Carriers have few media addresses, and each call names one.

    010.000.000.002 is decimal, as all numbers of SDP are: who looked it up as a name would get 8.0.0.2, somebody else.
    An IPv4 address written as IPv6 (::ffff:10.0.0.2) is the IPv4 address, and brackets around one are no part of it.
    """
    plain = text.strip("[]")
    fields = plain.split(".")
    if len(fields) == 4 and all(field.isascii() and field.isdigit() and len(field) <= 3 for field in fields):
        plain = ".".join([str(int(field)) for field in fields])
    address = ip_address(plain)
    return getattr(address, "ipv4_mapped", None) or address


def _agree(
    local: LocalMedia, media: MediaDescription, local_event_pt: int | None, hosts: Mapping[str, str]
) -> MediaAgreement | MediaRefusal:
    if media.kind != "audio":
        return MediaRefusal("no-audio-offered")
    if media.port == 0:
        return MediaRefusal("audio-refused")
    if media.protocol not in _PROTOCOLS:
        return MediaRefusal("transport-unsupported")
    named = media.connection or ""
    if not named:
        return MediaRefusal("address-missing")
    codec = _first_common(local, media)
    if codec is None:
        return MediaRefusal("no-common-codec")
    try:
        address = _ip_address(hosts.get(named, named))
    except ValueError:
        if not any(char.isalpha() for char in named):  # 10.2 is no name, though resolvers would make 10.0.0.2 of it
            return MediaRefusal("address-missing")
        return MediaRefusal("address-not-numeric", host=named)
    if address.version != (6 if ":" in local.address else 4):
        return MediaRefusal("address-family-differs")
    may_reach = not address.is_unspecified  # c=0.0.0.0 is the old way to hold (RFC 3264 §8.4)
    peer = media.direction
    return MediaAgreement(
        remote_ip=str(address),
        remote_port=media.port,
        remote_rtcp_port=media.rtcp_port or min(media.port + 1, 65535),
        codec=codec[1],
        payload_type=codec[0],
        telephone_event_pt=_telephone_event(media) if local.telephone_event_pt is not None else None,
        local_telephone_event_pt=local_event_pt,
        direction=direction_of(
            local.direction.may_send and peer.may_receive and may_reach, local.direction.may_receive and peer.may_send
        ),
        ptime_ms=media.ptime_ms or PTIME_MS,
    )


def _first_common(local: LocalMedia, media: MediaDescription) -> tuple[int, Codec] | None:
    for entry in media.formats:
        if not (entry.isascii() and entry.isdigit() and len(entry) <= 3):
            continue
        payload_type = int(entry)
        named = media.rtpmap.get(payload_type)
        codec = _STATIC.get(payload_type)
        if named is not None:
            codec = Codec(named[0]) if named in (("PCMA", SAMPLES_PER_S), ("PCMU", SAMPLES_PER_S)) else None
        if codec in local.codecs and codec is not None and payload_type < 128:
            return payload_type, codec
    return None


def _telephone_event(media: MediaDescription) -> int | None:
    for payload_type, named in media.rtpmap.items():
        if named == ("TELEPHONE-EVENT", SAMPLES_PER_S) and str(payload_type) in media.formats:
            return payload_type
    return None


def _body(local: LocalMedia, sections: list[list[str]]) -> bytes:
    family = "IP6" if ":" in local.address else "IP4"
    lines = [
        "v=0",
        f"o=- {local.session_id} {local.version} IN {family} {local.address}",
        "s=-",
        f"c=IN {family} {local.address}",
        "t=0 0",
    ]
    for section in sections:
        lines += section
    return "".join(line + "\r\n" for line in lines).encode("latin-1")


def _section(
    local: LocalMedia, payload_types: list[tuple[int, Codec]], event_pt: int | None, direction: Direction
) -> list[str]:
    formats = [str(payload_type) for payload_type, _ in payload_types]
    maps = [f"a=rtpmap:{payload_type} {codec.value}/{SAMPLES_PER_S}" for payload_type, codec in payload_types]
    if event_pt is not None:
        formats.append(str(event_pt))
        maps += [f"a=rtpmap:{event_pt} telephone-event/{SAMPLES_PER_S}", f"a=fmtp:{event_pt} 0-15"]
    first = f"m=audio {local.port} RTP/AVP {' '.join(formats)}"
    return [first, *maps, f"a=ptime:{PTIME_MS}", f"a={direction.value}"]


def _refused(media: MediaDescription) -> list[str]:
    fields = media.lines[0][1].split()
    kind, rest = (fields[0], fields[2:]) if media.kind else ("audio", [])
    return [f"m={kind} 0 {' '.join(rest or ('RTP/AVP', '0'))}"]
