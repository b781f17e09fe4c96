"""The one tree of errors: what went wrong, whose fault it is, and whether trying again may help."""

from enum import StrEnum
from typing import Any, ClassVar


class Party(StrEnum):
    """Whose doing it was (责任方). Unknown counts against the platform until classified."""

    CALLEE = "callee"
    ENTERPRISE = "enterprise"
    CARRIER = "carrier"
    PLATFORM = "platform"
    RULE = "rule"
    UNKNOWN = "unknown"


class BaitieError(Exception):
    """Something unexpected happened inside Baitie. Please report it with the details shown.

    The first paragraph of a subclass's docstring is its default message and names the remedy.
    `code` is stable kebab-case; `party` says whose fault it is; `retryable` says whether the same
    act may be tried again unchanged.
    """

    code: ClassVar[str] = "internal-error"
    party: ClassVar[Party] = Party.PLATFORM
    retryable: ClassVar[bool] = False

    def __init__(self, message: str | None = None, **details: Any) -> None:
        self.message = message or self.default_message()
        self.details = details
        super().__init__(self.message)

    @classmethod
    def default_message(cls) -> str:
        """What the class says where nothing more special is said."""
        return " ".join((cls.__doc__ or "").split("\n\n", 1)[0].split())

    def __str__(self) -> str:
        if not self.details:
            return self.message
        shown = ", ".join(f"{key}={value}" for key, value in self.details.items())
        return f"{self.message} ({shown})"


class InputError(BaitieError):
    """A file or setting cannot be used as it is. Mend the place that the message names and try again."""

    code = "input-invalid"
    party = Party.ENTERPRISE


class WireError(BaitieError):
    """Bytes from outside do not follow their protocol. Nothing was done with them."""

    code = "wire-malformed"
    party = Party.CARRIER


class StoreError(BaitieError):
    """The store could not keep what was handed to it; no call is placed until it can.
    See the cause: free disk space, or bring the database server back, then run again."""

    code = "store-unavailable"
    retryable = True


class BusyError(BaitieError):
    """Another dialler process owns this store. Stop it first (`baitie stop`), or wait until it ends."""

    code = "store-owned"
    party = Party.ENTERPRISE
    retryable = True
