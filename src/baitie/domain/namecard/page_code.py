"""The code on a card by which its callee, and nobody else, finds the callee's page."""

from collections.abc import Callable, Iterable
from typing import final

from baitie.domain.namecard.template import SlotSpec, SlotType

PAGE_CODE_CHARS = 13
"""Five bits a character: 65 bits, so that nobody finds a code by trying."""

WRITTEN_CHARS_MAX = 40
"""Longer than a code with every separator that people put between its characters."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_READ_AS = {
    **{char: char for char in _ALPHABET},
    **{char.lower(): char for char in _ALPHABET},
    "i": "1",
    "I": "1",
    "l": "1",
    "L": "1",
    "o": "0",
    "O": "0",
}
_SEPARATORS = frozenset(" -–—.·\t\u3000")


@final
class PageCode:
    """Page code (查验码): 13 characters that open the page of one card. `str` and `repr` mask it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        assert len(text) == PAGE_CODE_CHARS
        assert set(text) <= set(_ALPHABET)
        self._text = text

    def text(self) -> str:
        """The whole code, as it stands on the card. Who has it may read the page: never into logs or the journal."""
        return self._text

    def grouped(self) -> str:
        """The whole code in groups, as it is read aloud and typed."""
        return f"{self._text[:4]}-{self._text[4:8]}-{self._text[8:]}"

    def __str__(self) -> str:
        return "*" * PAGE_CODE_CHARS

    def __repr__(self) -> str:
        return f"PageCode({self})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PageCode) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


SAMPLE_PAGE_CODE = PageCode("0" * PAGE_CODE_CHARS)
"""Stands in where a card is shown or measured and not sent."""


def make_page_code(random_bits: Callable[[int], int]) -> PageCode:
    """A code out of `random_bits(n)`, which in real runs must be bits that nobody can foretell."""
    value = random_bits(5 * PAGE_CODE_CHARS)
    return PageCode("".join(_ALPHABET[(value >> (5 * place)) & 31] for place in range(PAGE_CODE_CHARS)))


def read_page_code_untrusted(written: str) -> PageCode | None:
    """The code that somebody typed, in whatever case and with whatever separators; None where it cannot be one.

    I and L are read as 1, O as 0: the code itself has none of them.
    """
    if len(written) > WRITTEN_CHARS_MAX:
        return None
    chars = [char for char in written if char not in _SEPARATORS]
    read = [_READ_AS.get(char, "") for char in chars]
    if len(read) != PAGE_CODE_CHARS or not all(read):
        return None
    return PageCode("".join(read))


def link_of(address: str, code: PageCode) -> str:
    """The link on a card: the page's address without its scheme, and the code."""
    bare = address.partition("://")[2] or address
    return f"{bare}{'' if bare.endswith('/') else '/'}c/{code.text()}"


def code_values(slots: Iterable[SlotSpec], code: PageCode, address: str) -> dict[str, str]:
    """The values of those slots that the system itself fills, by name."""
    values = {SlotType.CODE: code.text(), SlotType.LINK: link_of(address, code)}
    return {spec.name: values[spec.type] for spec in slots if spec.type in values}
