"""Listed words are found in hiding, and innocent words are left alone."""

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain.namecard.cards import SIGN, card_words, template

from baitie.domain.namecard import CardWordsError, FindingCode, LookAlikes, Severity, lint, parse_look_alikes
from baitie.domain.namecard.characters import folded, spoken
from baitie.domain.namecard.look_alikes import foreign_script
from baitie.domain.namecard.words import forms_of
from baitie.files.card_files import read_look_alikes

WORDS, ALIKE = card_words(), read_look_alikes()
LISTED = [(kind, word) for kind in WORDS.classes for word in kind.words]
HAN_WORDS = [(kind, word) for kind, word in LISTED if not word.isascii()]
LATIN_WORDS = [(kind, word) for kind, word in LISTED if word.isascii()]
TO_TRADITIONAL = {simple: old for old, simple in ALIKE.simplified.items()}
TO_OTHER_LETTER = {letter: sign for sign, letter in ALIKE.letters.items() if not sign.isascii()}


def names(pairs: Sequence[tuple[object, str]]) -> list[str]:
    return [word for _, word in pairs]


def is_found(kind: object, text: str) -> bool:
    """Whether the class speaks of the text, in the open or in hiding."""
    (own,) = [each for each in WORDS.classes if each is kind]
    return bool(found_openly(own, text)) or ALIKE.sighting_of(own.words, text) is not None


def found_openly(kind: object, text: str) -> list[str]:
    of_class = min(kind.purposes), min(kind.industries)  # type: ignore[attr-defined]
    return [word for found, word in WORDS.found(text, *of_class) if found is kind]


@pytest.mark.parametrize(("kind", "word"), LISTED, ids=names(LISTED))
def test_a_word_is_found_in_full_width_and_with_marks_between(kind: object, word: str) -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in word)
    assert is_found(kind, wide)
    assert is_found(kind, "\u200b".join(word))
    assert is_found(kind, "\u2060".join(word.upper()))
    if len(word) > 3 or not word.isascii():
        assert is_found(kind, ".".join(word.split(" ")[0]) + word[len(word.split(" ")[0]) :])


@given(st.lists(st.sampled_from([word for _, word in LATIN_WORDS]) | st.sampled_from("aZ0 .-_/é退"), max_size=8))
def test_latin_words_are_those_that_their_pattern_finds(parts: list[str]) -> None:
    text = "".join(parts)
    for kind in WORDS.classes:
        is_there = kind.latin is not None and kind.latin.search(spoken(text)) is not None
        is_han_there = kind.han is not None and kind.han.search(folded(text)) is not None
        is_shaped = kind.shape_in(forms_of(text)) is not None
        assert bool(found_openly(kind, text)) is (is_there or is_han_there or is_shaped)


@pytest.mark.parametrize(("kind", "word"), HAN_WORDS, ids=names(HAN_WORDS))
def test_a_word_is_found_in_traditional_characters(kind: object, word: str) -> None:
    assert is_found(kind, "".join(TO_TRADITIONAL.get(char, char) for char in word))


@pytest.mark.parametrize(
    ("kind", "word"), [each for each in HAN_WORDS if len(each[1]) > 1], ids=lambda value: str(value)[:8]
)
def test_a_word_is_found_with_any_one_character_replaced_by_a_homophone(kind: object, word: str) -> None:
    for place, char in enumerate(word):
        for sound in ALIKE.syllables.get(char, ()):
            others = [other for other, sounds in ALIKE.syllables.items() if sound in sounds and other != char]
            for other in others[:4]:
                hidden = word[:place] + other + word[place + 1 :]
                if hidden not in ALIKE.innocent and not any(each in hidden for each in ALIKE.innocent):
                    assert is_found(kind, hidden), hidden


@pytest.mark.parametrize(("kind", "word"), HAN_WORDS, ids=names(HAN_WORDS))
def test_every_character_of_a_listed_word_has_its_reading(kind: object, word: str) -> None:
    if len(word) > 1:
        assert all(char.isascii() or ALIKE.syllables.get(char) for char in word), "run tools/look_alikes.py"


@pytest.mark.parametrize(("kind", "word"), LATIN_WORDS, ids=names(LATIN_WORDS))
def test_a_latin_word_is_found_in_letters_of_other_alphabets_and_with_accents(kind: object, word: str) -> None:
    assert is_found(kind, "".join(TO_OTHER_LETTER.get(char, char) for char in word))
    assert is_found(kind, "".join(f"{char}\u0301" if char.isalpha() else char for char in word))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_word_is_found_within_other_text_whatever_marks_hide_it(data: st.DataObject) -> None:
    kind, word = data.draw(st.sampled_from(HAN_WORDS))
    marks = data.draw(st.lists(st.sampled_from(["", " ", "\u3000", "-", "·", "\u200d", "*"]), min_size=8, max_size=8))
    hidden = "".join(char + marks[place % len(marks)] for place, char in enumerate(word))
    assert is_found(kind, f"您好，{hidden}，谢谢")


@pytest.mark.parametrize(
    "text", ["预期收益说明", "最有用的功能", "年终奖到账", "居留许可办好了", "客服回访，谢谢", "定级结果"]
)
def test_innocent_words_are_left_alone(text: str) -> None:
    assert [kind.code for kind in WORDS.classes if ALIKE.sighting_of(kind.words, text)] == []


def test_a_word_in_hiding_is_an_error_and_one_that_only_sounds_alike_a_warning() -> None:
    sure = [f for f in lint(template("回访，请加维信"), SIGN, WORDS, ALIKE) if f.code is FindingCode.WORD_HIDDEN]
    assert [(f.severity, f.values["word"]) for f in sure] == [(Severity.ERROR, "加微信")]
    doubted = lint(template("回访您的代款业务", purpose="acquisition"), SIGN, WORDS, ALIKE)
    assert {f.code: f.severity for f in doubted}[FindingCode.WORD_SOUNDS_ALIKE] is Severity.WARNING


def test_one_character_alone_is_not_taken_for_its_homophones() -> None:
    assert not any(ALIKE.sighting_of(kind.words, "这里都是读者和温度") for kind in WORDS.classes)


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("云杉优选", "zh-CN", None),
        ("雲杉優選", "zh-CN", "雲"),
        ("雲杉優選", "zh-HK", None),
        ("云杉優選", "zh-HK", None),  # 云 is a word of its own in traditional script
        ("云杉优选", "zh-HK", "选"),
        ("喆堃律所", "zh-CN", None),
        ("Spruce", "en", None),
    ],
)
def test_the_script_of_a_sign_is_that_of_its_language(text: str, language: str, found: str | None) -> None:
    assert foreign_script(text, language) == found


def test_a_traditional_sign_on_the_mainland_is_an_error() -> None:
    codes = {f.code: f for f in lint(template(sign="雲杉優選"), "雲杉優選", WORDS, ALIKE)}
    assert codes[FindingCode.SIGN_SCRIPT].severity is Severity.ERROR
    assert codes[FindingCode.SIGN_SCRIPT].values["char"] == "雲"


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"syllables": 3},
        {"syllables": {}, "simplified": {"ab": "c"}, "letters": {}, "innocent": {"words": []}},
    ],
)
def test_a_broken_table_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(CardWordsError):
        parse_look_alikes(table, "look-alikes.toml")


def test_without_a_table_words_are_still_read_through_width() -> None:
    assert LookAlikes().sighting_of(("欠款",), unicodedata.normalize("NFKC", "欠　款")) is not None
