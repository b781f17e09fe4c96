"""Which characters and patterns no card may show, and how texts are folded before words are looked for."""

import re
import unicodedata

FORBIDDEN = frozenset("【】¥￥★☆_&√※^☞✓✔")
"""Brackets of the sign, and the symbols that carriers' template reviews refuse."""

_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So"})
"""Controls, invisible and direction marks, private and unassigned ones, pictures (emoji)."""

_VARIATION_SELECTORS = frozenset({0xFE0E, 0xFE0F})

_LINK = re.compile(
    r"https?:|www\.|[a-z0-9-]+\s*(?:\.|。|点|點|\bdot\b)\s*(?:com|cn|net|org|top|xyz|cc|gov|hk|example)(?![a-z0-9])"
    r"|[a-z0-9-]+\.(?:io|me|link|ly|shop|vip|site|online|club|info|app|store|wang|co|tv|ltd|fun|work|live|pro|biz|uk|us|"
    r"to|gl|gd|im|la|ink|mobi|asia|tech|dev|page|cloud|life|world)(?![a-z0-9])|[.。](?:中国|中國|公司|网络|網絡|香港)(?![一-龥])",
    re.IGNORECASE,
)
_HAN_DIGITS = "零一二三四五六七八九十百千万萬亿两兩壹贰貳叁參肆伍陆陸柒捌玖拾佰仟"
_UNITS = "元|块钱|块|塊|圆|圓|角|港元|港币|港幣|人民币|人民幣|蚊|美元|美金|欧元|歐元|英镑|英鎊|日元|刀"
_AMOUNT = re.compile(
    rf"[0-9][0-9,.]*\s*(?:万|萬|千|百|亿|k)?\s*(?:余|多|馀|餘|来)?\s*(?:{_UNITS}|rmb|cny|hkd|usd|yuan|dollars?|pounds?(?!\s*of)|euros?|quid|"
    rf"bucks)(?![板屏砖])|(?:rmb|cny|hkd|usd|eur|gbp|人民币|人民幣|港币|港幣|[$€£¥￥])\s*[0-9{_HAN_DIGITS}]"
    rf"|[{_HAN_DIGITS}]+\s*(?:多|余|餘|来)?\s*(?:元|块钱|塊錢|圆整?|圓整?|港元|港币|港幣|蚊|美元|美金|欧元|英镑)(?![旦宵件素店户])"
    rf"|[{_HAN_DIGITS}]*[十百千万萬佰仟拾][{_HAN_DIGITS}]*[块塊](?![板屏砖表地])|[{_HAN_DIGITS}]+[块塊][{_HAN_DIGITS}]"
    rf"|(?:金额|共计|合计|实付|应付|订金|定金|押金|总价|价格|售价|仅需|只要)[为是:：]?\s*(?:[0-9]{{2}}|[{_HAN_DIGITS}]{{2}})"
    # a bare figure that ends its clause, as prices are said: 一百八, 两千五, 3.5万
    r"|(?<!行驶)(?<!行驶满)(?<!行驶了)(?<!里程)(?<!跑了)(?:[一二三四五六七八九两]+[百千万][一二三四五六七八九]|[0-9][0-9,.]*\s*[万萬wk])(?=[，。；！？、,;!?]|$)",
    re.IGNORECASE,
)
LONG_DIGITS = re.compile(r"(?:[0-9][ -]?){7,}")
"""As many digits as a telephone number has."""


def amount_in(text: str) -> str | None:
    """The first sum of money in a text, in figures or in words, of any width."""
    found = _AMOUNT.search(unicodedata.normalize("NFKC", text))
    return found[0] if found else None


def link_in(text: str) -> str | None:
    """The first address of a page in a text, also one that is spelt out."""
    found = _LINK.search(unicodedata.normalize("NFKC", text))
    return found[0] if found else None


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
