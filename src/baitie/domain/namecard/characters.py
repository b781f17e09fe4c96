"""Which characters and patterns no card may show, and how texts are folded before words are looked for."""

import re
import unicodedata

FORBIDDEN = frozenset("【】¥￥★☆_&√※^☞✓✔")
"""Brackets of the sign, and the symbols that carriers' template reviews refuse."""

_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So"})
"""Controls, invisible and direction marks, private and unassigned ones, pictures (emoji)."""

_VARIATION_SELECTORS = frozenset({0xFE0E, 0xFE0F})

LINK = re.compile(
    r"https?:|www\.|[a-z0-9-]+\.(?:com|cn|net|org|top|xyz|io|cc|me|link|ly|gov|hk|example)\b", re.IGNORECASE
)
AMOUNT = re.compile(
    r"[0-9](?:[0-9,.]*)\s*(?:万|萬|千|百|亿)?(?:元|块钱|块|塊|圆|圓|角|港元|港币|港幣|人民币|人民幣|蚊|rmb|cny|hkd|usd|yuan|dollars?)"
    r"|(?:rmb|cny|hkd|usd|人民币|人民幣|港币|港幣|[$€£])\s*[0-9]"
    r"|[一二三四五六七八九十百千万萬亿两兩]+(?:多|余)?(?:元|块钱|圆整?)(?![旦宵件素])",
    re.IGNORECASE,
)
LONG_DIGITS = re.compile(r"(?:[0-9][ -]?){7,}")
"""As many digits as a telephone number has."""


def forbidden_char(text: str) -> tuple[str, int] | None:
    """The first character that no card may show, and its place; the sign's own brackets are not to be in `text`."""
    if text.isascii() and text.isprintable() and FORBIDDEN.isdisjoint(text):
        return None
    for index, char in enumerate(text):
        is_selector = ord(char) in _VARIATION_SELECTORS
        if char in FORBIDDEN or is_selector or unicodedata.category(char) in _FORBIDDEN_CATEGORIES:
            return char, index
    return None


def folded(text: str) -> str:
    """`text` without width, case, spaces, punctuation and invisible marks, which serve to hide words."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    return "".join(filter(str.isalnum, wide))


def spoken(text: str) -> str:
    """`text` without width, case and invisible marks, words kept apart: for alphabets that write spaces."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    return wide if wide.isprintable() else "".join(char for char in wide if unicodedata.category(char) != "Cf")
