"""Text that others wrote, on its way out: nothing in it may act on a terminal, a log, or a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?[0-9][0-9 ().-]*")


def shown(text: str, *, keeps_lines: bool = False) -> str:
    """Foreign text as people may see it: what is not printable stands there as its code, such as `\\x1b`.

    Controls (C0, C1), marks that turn the direction of writing, invisible marks and halves of surrogate pairs could
    hide or forge what stands beside them. `keeps_lines` leaves ends of lines, for whole texts of our own. Only such
    things are changed; text without them comes back as it is.
    """
    if text.isprintable():
        return text
    return "".join([char if _is_harmless(char, keeps_lines) else _escaped(char) for char in text])


def shown_json(text: str) -> str:
    """JSON with what is not printable inside its strings written as escapes that mean the same."""
    if text.isprintable():
        return text
    return "".join([char if _is_harmless(char, True) else _json_escaped(char) for char in text])


def shown_value(value: object) -> object:
    """A value on its way into a page: a text as `shown` gives it, and what is no text as it is.

    Made for `finalize` of a template environment, behind which each text is still escaped for HTML. A text that is HTML
    already stays of its kind.
    """
    return type(value)(shown(value, keeps_lines=True)) if isinstance(value, str) else value


def spreadsheet_cell(text: str) -> str:
    """Foreign text in a cell that no spreadsheet takes for a formula; telephone numbers with + stay as they are."""
    safe = shown(text, keeps_lines=True)
    return f"'{safe}" if text.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(text) else safe


def csv_text(rows: Iterable[Sequence[object]], *, line_end: str = "\r\n") -> str:
    """CSV of rows (RFC 4180) with every cell through `spreadsheet_cell`."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=line_end)
    writer.writerows([spreadsheet_cell(str(cell)) for cell in row] for row in rows)
    return out.getvalue()


def _is_harmless(char: str, keeps_lines: bool) -> bool:
    # Spaces of other widths are not "printable" and harm nobody.
    return char.isprintable() or (char.isspace() and char not in _ACTING_SPACES) or (keeps_lines and char == "\n")


_ACTING_SPACES = frozenset("\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _json_escaped(char: str) -> str:
    code = ord(char)
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
