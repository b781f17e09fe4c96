"""The one error that SIP bytes from outside can cause, and the one that our own arguments can."""

from baitie.kernel.errors import InputError, WireError


class SipParseError(WireError):
    """These bytes are not a SIP message as RFC 3261 has it. They were counted and dropped."""

    code = "sip-malformed"


class SipArgumentError(InputError):
    """An address or header for SIP holds characters that cannot stand there. Mend the value that the details name."""

    code = "sip-argument-invalid"
