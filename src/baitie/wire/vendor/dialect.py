"""How one vendor names its fields and codes. The default follows the field sets that vendors of flash messages publish
(key, sign, mobile, content, smstype; answered by code, message, uid)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from baitie.wire.smpp.constants import MessageState
from baitie.wire.smpp.receipt_words import NAMES, is_failure_code, state_of_word

SMSTYPE_NOTICE = 0
SMSTYPE_FLASH = 8

_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "key": "key",  # the account
        "sign": "sign",  # the text between the brackets; the vendor puts it in front
        "mobile": "mobile",
        "content": "content",
        "type": "smstype",
        "reference": "reference",  # ours, given back in answers and receipts
        "sender": "extend",
        "validity": "validity_s",
        "code": "code",
        "message": "message",
        "uid": "uid",  # the vendor's name of the message
        "receipts": "receipts",  # in the answer to a question for receipts
        "state": "stat",
        "error": "err",
        "count_max": "max",
    }
)

_CODES: Mapping[str, str] = MappingProxyType(
    {
        "0": "ok",
        "1": "key-wrong",
        "2": "balance-exhausted",
        "3": "template-not-approved",
        "4": "callee-number-invalid",
        "5": "blocked-by-callee",
        "6": "throttled",
        "7": "vendor-system-error",
        "9": "vendor-refused",
    }
)

UNDERWAY = "underway"
"""The state of a message that has not come to its end."""

_STATES: Mapping[MessageState, str] = MappingProxyType(
    {
        MessageState.DELIVERED: "delivered",
        MessageState.EXPIRED: "expired",
        MessageState.DELETED: "undeliverable",
        MessageState.UNDELIVERABLE: "undeliverable",
        MessageState.REJECTED: "rejected",
        MessageState.ENROUTE: UNDERWAY,
        MessageState.ACCEPTED: UNDERWAY,
        MessageState.UNKNOWN: "unknown",
    }
)


@dataclass(frozen=True, slots=True)
class VendorDialect:
    """A vendor's dialect (供应商字段表). `fields` and `codes` stand over the default ones, name by name.

    `country_code` is left out of numbers of that country, as vendors of one country want it; "" leaves none out.
    """

    submit_path: str = "/messages"
    receipts_path: str = "/receipts"
    country_code: str = "86"
    fields: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)

    def name_of(self, name: str) -> str:
        """What the vendor calls a field."""
        return self.fields.get(name, _FIELDS[name])

    def meaning_of(self, code: str) -> str | None:
        """What a code says: `ok`, or a cause of `failures`; None for one that nobody explained."""
        return self.codes.get(code, _CODES.get(code))

    def code_of(self, meaning: str) -> int | str:
        """The code by which a vendor says this: for the vendor's side of loopback."""
        found = next((code for code, said in {**_CODES, **self.codes}.items() if said == meaning), "7")
        return int(found) if found.lstrip("-").isdigit() else found

    def number(self, e164: str) -> str:
        """A telephone number as the vendor writes it: national digits at home, else digits with the country code."""
        digits = e164.removeprefix("+")
        return digits.removeprefix(self.country_code) if self.country_code else digits

    def e164(self, number: str) -> str:
        """The inverse of `number`, for numbers without the country code of another country."""
        return f"+{self.country_code}{number}" if len(number) <= 11 and self.country_code else f"+{number}"


DEFAULT_DIALECT = VendorDialect()


def known_fields() -> tuple[str, ...]:
    """The names that `fields` may stand over."""
    return tuple(_FIELDS)


def state_of(word: str) -> str:
    """A receipt's state by the words that SMPP receipts have too, short or written out, and by the codes that gateways
    write for failures; anything else is `unknown`."""
    return "undeliverable" if is_failure_code(word) else _STATES[state_of_word(word)]


def word_of(state: str) -> str:
    """The inverse of `state_of`."""
    return next((NAMES[known] for known, said in _STATES.items() if said == state), "UNKNOWN")
