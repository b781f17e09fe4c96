"""Who calls and which number was dialled, as an INVITE from a carrier says it."""

from typing import Final, NamedTuple

from baitie.wire.sip.errors import SipParseError
from baitie.wire.sip.headers import option_tags, parse_address_untrusted, presentable, split_list
from baitie.wire.sip.message import Request

USER_CHARS_MAX: Final = 64
DIALLED_MAX: Final = 4
_HIDDEN_USERS: Final = frozenset(("", "anonymous", "unavailable", "restricted", "unknown", "private"))


class Parties(NamedTuple):
    """Caller and dialled number (主被叫) as written by the carrier. `dialled` has the likeliest first.

    `is_withheld`: the caller does not want the number shown (RFC 3323 §4.1, RFC 3325 §9.3), or there is none.
    """

    caller: str
    dialled: tuple[str, ...]
    is_withheld: bool


def parties_untrusted(request: Request) -> Parties:
    """The parties of an INVITE. Raises only `SipParseError`.

    The caller is P-Asserted-Identity where the carrier gives it (RFC 3325 §9.1), else From. The dialled number is
    P-Called-Party-ID (RFC 7315 §4.2), else the request URI, which is our own contact where we are registered, else To.
    """
    asserted = [piece for line in request.every("p-asserted-identity") for piece in split_list(line)]
    caller = _user(asserted[0] if asserted else request.first("from"))
    wanted = option_tags([line.replace(";", ",") for line in request.every("privacy")])
    is_withheld = caller.lower() in _HIDDEN_USERS or bool(wanted & {"id", "user"})
    places = [request.first("p-called-party-id"), f"<{request.uri}>", request.first("to")]
    dialled = dict.fromkeys(user for place in places if place and (user := _user(place)))
    return Parties("" if is_withheld else caller, tuple(dialled)[:DIALLED_MAX], is_withheld)


def _user(value: str) -> str:
    """The user part of a SIP address, or the number of a tel URI (RFC 3966), without parameters."""
    uri = parse_address_untrusted(value).uri
    scheme, colon, rest = uri.partition(":")
    if not colon or scheme.lower() not in ("sip", "sips", "tel"):
        raise SipParseError("An address is no telephone address.")
    before, at, _ = rest.rpartition("@")
    user = before if at else ("" if scheme.lower() != "tel" else rest)
    user = presentable(user.partition(";")[0].partition(":")[0])
    if len(user) > USER_CHARS_MAX:
        raise SipParseError("The user part of an address is too long.")
    return user
