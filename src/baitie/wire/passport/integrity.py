"""Digests that tie pictures and cards at other addresses to a signed token: the `rcdi` claim (RFC 9795 §6)."""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from baitie.kernel.journal import JsonValue
from baitie.wire.passport.encoding import read_json_untrusted, signed_json
from baitie.wire.passport.errors import PassportArgumentError, PassportError
from baitie.wire.passport.rich_call_data import RichCallData

DEFAULT_ALGORITHM = "sha256"
ALGORITHMS: Final = ("sha256", "sha384", "sha512")
"""All three must be understood (RFC 9795 §6.1)."""

DIGESTS_MAX = 32
CONTENT_OCTETS_MAX = 262_144


class IntegrityFault(StrEnum):
    """What is wrong with one digest (摘要问题)."""

    ADDRESSES_NOTHING = "addresses-nothing"
    NOT_FETCHED = "not-fetched"
    DIFFERS = "differs"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class IntegrityFinding:
    """One place of the rich call data, as a JSON pointer, and what is wrong with its digest."""

    pointer: str
    fault: IntegrityFault


def digest_of_octets(octets: bytes, algorithm: str = DEFAULT_ALGORITHM) -> str:
    """`sha256-…` over the octets as they were fetched, in base64 without padding."""
    if algorithm not in ALGORITHMS:
        raise PassportArgumentError("This digest is not known.", algorithm=algorithm)
    digest = hashlib.new(algorithm, octets).digest()
    return f"{algorithm}-{base64.b64encode(digest).rstrip(b'=').decode('ascii')}"


def digest_of_json(value: JsonValue, algorithm: str = DEFAULT_ALGORITHM) -> str:
    """The digest of a JSON value in its signed form; a string counts with its quotes."""
    return digest_of_octets(signed_json(value), algorithm)


def is_digest_of(digest: str, octets: bytes) -> bool:
    """Whether the digest is that of the octets. Padding at the end is forgiven; an unknown algorithm is no."""
    algorithm = digest.partition("-")[0]
    return algorithm in ALGORITHMS and digest.rstrip("=") == digest_of_octets(octets, algorithm)


def integrity_of(
    rcd: RichCallData, contents: Mapping[str, bytes], algorithm: str = DEFAULT_ALGORITHM
) -> dict[str, JsonValue]:
    """The `rcdi` claim for rich call data: a digest for every address in it and behind it. Empty where none is needed.

    `contents` has what each address gives, by address. Raises `PassportArgumentError` where one is missing.
    """
    digests: dict[str, JsonValue] = {}
    for pointer, uri in _external(rcd, contents):
        octets = contents.get(uri)
        if octets is None:
            raise PassportArgumentError("What an address gives must be known before it is signed for.", uri=uri)
        is_card = pointer == "/jcl"
        digests[pointer] = digest_of_json(_card(octets), algorithm) if is_card else digest_of_octets(octets, algorithm)
    return digests


def check_integrity(
    rcd: RichCallData, digests: Mapping[str, str], contents: Mapping[str, bytes]
) -> tuple[IntegrityFinding, ...]:
    """What is wrong with the digests, given what was fetched from which address. Empty where all is well.

    Content with a finding must not be shown; the name and the reason in the token itself stay believable.
    """
    findings = []
    places = dict(_external(rcd, contents))
    for pointer, digest in digests.items():
        if pointer in places and pointer != "/jcl":
            octets = contents.get(places[pointer])
        else:
            octets = _addressed(rcd, pointer, contents)
            if octets is None and not pointer.startswith("/jcl"):
                findings.append(IntegrityFinding(pointer, IntegrityFault.ADDRESSES_NOTHING))
                continue
        if octets is None:
            findings.append(IntegrityFinding(pointer, IntegrityFault.NOT_FETCHED))
        elif not is_digest_of(digest, octets):
            findings.append(IntegrityFinding(pointer, IntegrityFault.DIFFERS))
    findings += [IntegrityFinding(place, IntegrityFault.MISSING) for place in places if place not in digests]
    return tuple(findings)


def resolve_pointer(value: JsonValue, pointer: str) -> JsonValue:
    """The value that a JSON pointer addresses (RFC 6901 §4). Raises KeyError where it addresses nothing."""
    if pointer and not pointer.startswith("/"):
        raise KeyError(pointer)
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value[key]
        elif isinstance(value, list) and re.fullmatch(r"0|[1-9][0-9]{0,5}", key):
            if int(key) >= len(value):
                raise KeyError(pointer)
            value = value[int(key)]
        else:
            raise KeyError(pointer)
    return value


def read_digests(value: JsonValue) -> dict[str, str]:
    """From the JSON value of a claim `rcdi`. Raises `PassportError`."""
    if not isinstance(value, dict) or not 0 < len(value) <= DIGESTS_MAX:
        raise PassportError("The claim rcdi is no object of a few digests.")
    digests = {}
    for pointer, digest in value.items():
        if not isinstance(digest, str) or digest.partition("-")[0] not in ALGORITHMS:
            raise PassportError("A digest in rcdi is none.", pointer=pointer[:80])
        digests[pointer] = digest
    return digests


def _external(rcd: RichCallData, contents: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Every address that needs a digest, by its pointer; behind `jcl` as far as the card was fetched."""
    if rcd.icn is not None and not rcd.icn.startswith("data:"):
        yield "/icn", rcd.icn
    if rcd.jcd is not None:
        yield from _addresses_in("/jcd", rcd.jcd)
    if rcd.jcl is not None:
        yield "/jcl", rcd.jcl
        octets = contents.get(rcd.jcl)
        if octets is not None:
            try:
                yield from _addresses_in("/jcl", _card(octets))
            except PassportError:
                return  # its own digest tells that it is not what was signed


def _addresses_in(pointer: str, card: JsonValue) -> Iterator[tuple[str, str]]:
    """The addresses in a jCard: values of type `uri` that are fetched from a server (RFC 7095 §3.3)."""
    properties = card[1] if isinstance(card, list) and len(card) == 2 else None
    if not isinstance(properties, list):
        return
    for place, line in enumerate(properties):
        if not isinstance(line, list) or len(line) < 4 or line[2] != "uri":
            continue
        for index, uri in enumerate(line[3:], start=3):
            if isinstance(uri, str) and uri.startswith("https://"):
                yield f"{pointer}/1/{place}/{index}", uri


def _addressed(rcd: RichCallData, pointer: str, contents: Mapping[str, bytes]) -> bytes | None:
    """The signed form of what a pointer addresses, a fetched card standing where its address stands."""
    body: dict[str, JsonValue] = dict(rcd.to_json())
    try:
        if rcd.jcl is not None and rcd.jcl in contents:
            body["jcl"] = _card(contents[rcd.jcl])
        elif pointer.startswith("/jcl"):
            return None
        return signed_json(resolve_pointer(body, pointer))
    except (KeyError, PassportError):
        return None


def _card(octets: bytes) -> JsonValue:
    return read_json_untrusted(octets, CONTENT_OCTETS_MAX)
