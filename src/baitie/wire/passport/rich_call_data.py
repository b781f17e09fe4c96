"""The `rcd` claim: who calls, with picture and card (RFC 9795 §5)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from baitie.kernel.journal import JsonValue
from baitie.wire.passport.encoding import text_claim
from baitie.wire.passport.errors import PassportArgumentError, PassportError

NAME_LENGTH_MAX = 128
"""Handsets show 15 to 35 characters; more than this is no name."""

URI_LENGTH_MAX = 1_024
REASON_LENGTH_MAX = 64
"""Of a call reason in characters (RFC 9796 §4)."""

_TELEPHONE = re.compile(r"[0-9*#]{1,32}\Z")
_URI = re.compile(r"(https://|data:)[!-~]+\Z")


@dataclass(frozen=True, slots=True)
class RichCallData:
    """Rich call data (富呼叫数据) of one caller: display name, and what may stand beside it.

    `apn` is another number to show, as canonical digits; `icn` the address of a picture; `jcd` a jCard itself,
    `jcl` the address of one: not both.
    """

    nam: str
    apn: str | None = None
    icn: str | None = None
    jcd: list[JsonValue] | None = None
    jcl: str | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """The claim's value. Raises `PassportArgumentError` where the fields break a rule of RFC 9795 §5.1."""
        body: dict[str, JsonValue] = {"nam": self.nam}
        fields: Mapping[str, JsonValue] = {"apn": self.apn, "icn": self.icn, "jcd": self.jcd, "jcl": self.jcl}
        body.update({key: value for key, value in fields.items() if value is not None})
        try:
            read_rich_call_data(body)
        except PassportError as error:
            raise PassportArgumentError(error.message, **error.details) from error
        return body


def read_rich_call_data(value: JsonValue) -> RichCallData:
    """From the JSON value of a claim. Keys beyond those that RFC 9795 knows are passed over. Raises `PassportError`."""
    if not isinstance(value, dict):
        raise PassportError("The claim rcd is no object.")
    jcd = value.get("jcd")
    if jcd is not None and not isinstance(jcd, list):
        raise PassportError("jcd is no jCard.")
    found = RichCallData(
        nam=text_claim(value, "nam", NAME_LENGTH_MAX) or "",
        apn=text_claim(value, "apn", 32),
        icn=text_claim(value, "icn", URI_LENGTH_MAX),
        jcd=jcd,
        jcl=text_claim(value, "jcl", URI_LENGTH_MAX),
    )
    if "nam" not in value:
        raise PassportError("The claim rcd has no nam.")
    if found.apn is not None and not _TELEPHONE.match(found.apn):
        raise PassportError("apn is no telephone number in digits.")
    if found.jcd is not None and found.jcl is not None:
        raise PassportError("jcd and jcl exclude each other.")
    for key, uri in (("icn", found.icn), ("jcl", found.jcl)):
        if uri is not None and (not _URI.match(uri) or (key == "jcl" and uri.startswith("data:"))):
            raise PassportError("An address is not https.", claim=key)
    return found
