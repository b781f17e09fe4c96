"""Numbers from the lines of a registry's file, piece by piece, so that ten million of them need no memory."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from baitie.kernel.errors import InputError
from baitie.kernel.phone import E164_DIGITS_MAX

LINE_BYTES_MAX = 4096
"""No line of a list of numbers is longer; a longer one means that this is no such list."""

_DIGITS_MIN = 5
_DIVIDED = re.compile(r"[2-9]\d\d,\d{3},\d{4}|[2-9]\d\d,\d{7}|0[1-9]\d{1,2},\d{7,8}")
"""Area code and number in columns of their own, as the American registry and Chinese address books give them."""

_DIVIDED_COLUMNS_MAX = 3
_FILLING = b" -().\"'\t"


class RegistryFileFault(StrEnum):
    """Why a registry's file cannot be used (名录文件错误)."""

    RANGES = "ranges"
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
        """The lines without their ends (LF, CR LF, or CR as old systems end them); blank ones too.

        Raises `RegistryFileError`.
        """
        for piece in pieces:
            piece = self._rest + piece
            # Whether a CR is an end of its own is known by what follows it.
            held = b"\r" if piece.endswith(b"\r") else b""
            whole = _ends_alike(piece[: len(piece) - len(held)]).split(b"\n")
            self._rest = whole.pop() + held
            if len(self._rest) > LINE_BYTES_MAX:
                raise RegistryFileError(RegistryFileFault.LINE_TOO_LONG, bytes_max=LINE_BYTES_MAX)
            yield from whole
        if self._rest:
            yield self._rest.removesuffix(b"\r")
            self._rest = b""


def _ends_alike(piece: bytes) -> bytes:
    return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in piece else piece


def number_digits_untrusted(line: bytes) -> tuple[bool, str] | None:
    """The number of a line: whether its country code is on it, and its digits. None where it holds no number.

    Raises `RegistryFileError` only.
    """
    if len(line) > LINE_BYTES_MAX:
        raise RegistryFileError(RegistryFileFault.LINE_TOO_LONG, bytes_max=LINE_BYTES_MAX)
    if line.startswith(b"\xef\xbb\xbf"):
        line = line[3:]
    columns = line.strip().replace(b";", b",").replace(b"\t", b",").split(b",")
    cells = [column.translate(None, _FILLING) for column in columns[:_DIVIDED_COLUMNS_MAX]]
    first = cells[0]
    for size in range(len(cells), 1, -1):
        if _DIVIDED.fullmatch(b",".join(cells[:size]).decode("latin-1")):
            first = b"".join(cells[:size])
            break
    has_country = first.startswith(b"+")
    digits = first[1:] if has_country else first
    if not digits.isdigit() or not _DIGITS_MIN <= len(digits) <= E164_DIGITS_MAX:
        return None
    return has_country, digits.decode("ascii")
