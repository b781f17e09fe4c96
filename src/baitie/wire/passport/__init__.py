"""PASSporT and rich call data: who calls, signed (RFC 8224, 8225, 9475, 9795, 9796, jCard RFC 7095). Pure.

China runs no network that attests calling numbers by these tokens as far as we know: they are a form of signature
here, by which a callee or an exchange that has our key can tell a genuine card from a forged one.
"""

from baitie.wire.passport.errors import PassportArgumentError, PassportError
from baitie.wire.passport.integrity import check_integrity, digest_of_json, digest_of_octets, integrity_of
from baitie.wire.passport.jcard import CallerCard
from baitie.wire.passport.message import message_digest
from baitie.wire.passport.rich_call_data import REASON_LENGTH_MAX, RichCallData
from baitie.wire.passport.sip_headers import (
    CallInfo,
    IdentityHeader,
    call_info_text,
    read_call_info_untrusted,
    read_identity_untrusted,
)
from baitie.wire.passport.token import MSG, RCD, Passport, SignedPassport, canonical_number, read_passport_untrusted
from baitie.wire.passport.verification import PassportFault, PassportVerdict, VerifyEs256, verify_call, verify_message

__all__ = [
    "MSG",
    "RCD",
    "REASON_LENGTH_MAX",
    "CallInfo",
    "CallerCard",
    "IdentityHeader",
    "Passport",
    "PassportArgumentError",
    "PassportError",
    "PassportFault",
    "PassportVerdict",
    "RichCallData",
    "SignedPassport",
    "VerifyEs256",
    "call_info_text",
    "canonical_number",
    "check_integrity",
    "digest_of_json",
    "digest_of_octets",
    "integrity_of",
    "message_digest",
    "read_call_info_untrusted",
    "read_identity_untrusted",
    "read_passport_untrusted",
    "verify_call",
    "verify_message",
]
