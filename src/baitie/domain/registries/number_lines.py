"""Numbers from the lines of a registry's file, piece by piece, so that ten million of them need no memory."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from baitie.kernel.errors import InputError

LINE_BYTES_MAX = 4096
"""No line of a list of numbers is longer; a longer one means that this is no such list."""

_DIGITS_MIN, _DIGITS_MAX = 5, 15  # E.164 has at most 15
_AREA_AND_LINE = (3, 7)
"""Files of the American registry give area code and number in two columns."""

_FILLING = b" -().\"'\t"


class RegistryFileFault(StrEnum):
    """Why a registry's file cannot be used (名录文件错误)."""

    LINE_TOO_LONG = "line-too-long"
    NO_NUMBERS = "no-numbers"
    TOO_MANY_REJECTED = "too-many-rejected"


class RegistryFileError(InputError):
    """This file is no list of numbers. Write one number a line, or let the first column be the number."""

    code = "registry-file"

    def __init__(self, fault: RegistryFileFault, **details: str | int) -> None:
        super().__init__(None, fault=fault.value, **details)
        self.fault = fault


class NumberLines:
    """Cuts a stream of pieces into lines (按行切分), whatever the pieces' borders. Holds one line at most."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def lines(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The lines without their ends; blank ones too. Raises `RegistryFileError`."""
        for piece in pieces:
            whole = (self._rest + piece).split(b"\n")
            self._rest = whole.pop()
            if len(self._rest) > LINE_BYTES_MAX:
                raise RegistryFileError(RegistryFileFault.LINE_TOO_LONG, bytes_max=LINE_BYTES_MAX)
            yield from whole
        if self._rest:
            yield self._rest
            self._rest = b""


def number_digits_untrusted(line: bytes) -> tuple[bool, str] | None:
    """The number of a line: whether its country code is on it, and its digits. None where it holds no number.

    Raises `RegistryFileError` only.
    """
    if len(line) > LINE_BYTES_MAX:
        raise RegistryFileError(RegistryFileFault.LINE_TOO_LONG, bytes_max=LINE_BYTES_MAX)
    if line.startswith(b"\xef\xbb\xbf"):
        line = line[3:]
    columns = line.strip().replace(b";", b",").replace(b"\t", b",").split(b",")
    first = columns[0].translate(None, _FILLING)
    if len(columns) > 1 and len(first) == _AREA_AND_LINE[0]:
        second = columns[1].translate(None, _FILLING)
        if len(second) == _AREA_AND_LINE[1]:
            first += second
    has_country = first.startswith(b"+")
    digits = first[1:] if has_country else first
    if not digits.isdigit() or not _DIGITS_MIN <= len(digits) <= _DIGITS_MAX:
        return None
    return has_country, digits.decode("ascii")
