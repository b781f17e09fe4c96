"""Writes `cards/look-alikes.toml` for the words of `rules/card-words.toml`: `python tools/look_alikes.py`.

It needs `pypinyin` and `opencc-python-reimplemented`, which nothing else does: run it where they are installed, after a
word was added. What it writes is data: readings without tones of the characters of GB 2312, and traditional forms.
"""

import tomllib
from pathlib import Path

from opencc import OpenCC
from pypinyin import lazy_pinyin

PACKAGE = Path(__file__).parents[1] / "src" / "baitie"
LEAD_OCTETS = range(0xB0, 0xF8)  # of the Han characters of GB 2312
BEGIN = """# How words are hidden: by characters that sound the same, by traditional forms, by letters that look alike.
# Made by tools/look_alikes.py from card-words.toml, except the last two tables.

"""
ALSO_TRADITIONAL = {
    "帳": "账",
    "賬": "账",
    "週": "周",
    "覆": "复",
    "複": "复",
    "裡": "里",
    "臺": "台",
    "鐘": "钟",
    "鍾": "钟",
    "徵": "征",
    "係": "系",
    "繫": "系",
    "髮": "发",
    "乾": "干",
    "幹": "干",
    "併": "并",
    "佔": "占",
    "迴": "回",
    "藉": "借",
    "訊": "讯",
    "諮": "咨",
    "餘": "余",
    "欵": "款",
    "験": "验",
    "証": "证",
    "啇": "商",
    "於": "于",
    "閣": "阁",
}
"""Traditional forms that a converter of single characters does not give, or gives to another character."""

BY_HAND = """
[letters]                     # what stands in a word for which letter of it
"0" = "o"
"1" = "l"
"3" = "e"
"4" = "a"
"5" = "s"
"7" = "t"
"@" = "a"
"$" = "s"
"а" = "a"                     # from here Cyrillic and Greek
"е" = "e"
"о" = "o"
"р" = "p"
"с" = "c"
"х" = "x"
"у" = "y"
"і" = "i"
"ѕ" = "s"
"ԁ" = "d"
"α" = "a"
"ο" = "o"
"ν" = "v"
"ι" = "i"

[innocent]                    # sounds like a listed word, and is none
words = [
  "预期", "现时", "年终奖", "定级", "最有", "居留", "结款", "大讲堂", "法苑", "中将", "包裹", "负责任",
  "领到", "老是", "老实", "如期", "末四位", "不欲", "社保政策",
]
"""


def gb2312() -> list[str]:
    """Its Han characters."""
    octets = (bytes((lead, trail)) for lead in LEAD_OCTETS for trail in range(0xA1, 0xFF))
    return [char for pair in octets if (char := pair.decode("gb2312", "ignore"))]


def main() -> None:
    """Write the file."""
    text = (PACKAGE / "rules" / "card-words.toml").read_text("utf-8")
    table = tomllib.loads(text)
    words = [word for kind in table["class"] for word in kind["words"] if not word.isascii()]
    wanted = {syllable for word in words for syllable in lazy_pinyin(word, v_to_u=False) if syllable.isalpha()}
    in_words: dict[str, set[str]] = {}
    for word in words:
        for char, syllable in zip(word, lazy_pinyin(word, errors=list), strict=True):
            in_words.setdefault(char, set()).add(syllable)
    by_syllable: dict[str, list[str]] = {syllable: [] for syllable in sorted(wanted)}
    own = {char for word in words for char in word if not char.isascii()}
    for char in dict.fromkeys([*gb2312(), *sorted(own)]):
        for syllable in sorted({*lazy_pinyin(char), *in_words.get(char, ())}):
            if syllable in by_syllable:
                by_syllable[syllable].append(char)
    to_traditional = [OpenCC(name) for name in ("s2t", "s2tw", "s2hk")]
    listed = own | (set(gb2312()) & set(text)) - set(ALSO_TRADITIONAL)
    pairs = {
        each.convert(char): char for char in sorted(listed) for each in to_traditional if each.convert(char) != char
    }
    pairs |= ALSO_TRADITIONAL
    lines = [BEGIN, "[syllables]\n"]
    lines += [f'{syllable} = "{"".join(chars)}"\n' for syllable, chars in by_syllable.items()]
    lines += [
        "\n[simplified]\n",
        *(f'"{old}" = "{simple}"\n' for old, simple in sorted(pairs.items()) if len(old) == 1),
    ]
    (PACKAGE / "cards" / "look-alikes.toml").write_text("".join(lines) + BY_HAND, "utf-8")


if __name__ == "__main__":
    main()
