"""From values to the exact text of one card, or to a refusal that says which slot."""

import hashlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain.namecard.cards import SIGN, card_words, template

from baitie.domain.namecard import NO_WORDS, CardRefusal, CardRefusalCode, RenderedCard, Severity, lint, render
from baitie.kernel.sms_text import SmsMeasure, measure

WORDS = card_words()
SLOTS = {
    "name": {"units_max": 6},
    "no": {"type": "digits", "units_max": 6},
    "tail": {"type": "phone_tail"},
    "at": {"type": "time"},
}


def refusal(slot: str, value: str, **fields: Any) -> CardRefusalCode | None:
    found = render(template(f"客服将回访{{{slot}}}", slots={slot: SLOTS[slot]}, **fields), {slot: value}, WORDS)
    return found.code if isinstance(found, CardRefusal) else None


def test_the_text_its_hash_and_its_units_are_exact() -> None:
    card = render(template("回访订单(尾号{tail})", slots={"tail": SLOTS["tail"]}), {"tail": " 0371 ", "other": "x"})
    assert isinstance(card, RenderedCard)
    assert card.text == "【某某商城】回访订单(尾号0371)"
    assert card.text_hash == hashlib.sha256(card.text.encode()).hexdigest()
    assert card.units == len(card.text)
    assert "0371" not in repr(card)


@pytest.mark.parametrize(
    ("slot", "value"),
    [("name", "欧阳某某"), ("name", "𠮷野"), ("no", "123456"), ("tail", "0371"), ("at", "明天") , ("at", "周一 9:30")],
)  # fmt: skip
def test_values_of_the_right_kind_are_taken(slot: str, value: str) -> None:
    expected = CardRefusalCode.SLOT_WRONG_TYPE if value == "明天" else None
    assert refusal(slot, value) is expected


@pytest.mark.parametrize(
    ("slot", "value", "code"),
    [
        ("name", "", CardRefusalCode.SLOT_MISSING),
        ("name", "   ", CardRefusalCode.SLOT_MISSING),
        ("name", "欧阳某某先生们", CardRefusalCode.SLOT_TOO_LONG),
        ("name", "𠮷𠮷𠮷某", CardRefusalCode.SLOT_TOO_LONG),
        ("name", "【某】", CardRefusalCode.SLOT_CHARACTER_FORBIDDEN),
        ("name", "某\u202e某", CardRefusalCode.SLOT_CHARACTER_FORBIDDEN),
        ("name", "某\n某", CardRefusalCode.SLOT_CHARACTER_FORBIDDEN),
        ("name", "a.cn", CardRefusalCode.SLOT_HAS_NUMBER_OR_LINK),
        ("no", "12a", CardRefusalCode.SLOT_WRONG_TYPE),
        ("no", "１２", CardRefusalCode.SLOT_WRONG_TYPE),
        ("no", "1234567", CardRefusalCode.SLOT_TOO_LONG),
        ("tail", "371", CardRefusalCode.SLOT_WRONG_TYPE),
        ("name", "已逾期", CardRefusalCode.WORD_FORBIDDEN),
        ("name", "50元", CardRefusalCode.AMOUNT_SHOWN),
    ],
)
def test_each_value_that_does_not_fit_is_refused(slot: str, value: str, code: CardRefusalCode) -> None:
    assert refusal(slot, value) is code


def test_a_missing_slot_is_named_and_a_telephone_number_in_a_text_is_refused() -> None:
    long = template("回访订单{item}", slots={"item": {"units_max": 20}})
    assert render(long, {}) == CardRefusal(CardRefusalCode.SLOT_MISSING, "item")
    found = render(long, {"item": "请拨1381234 5678"})
    assert isinstance(found, CardRefusal)
    assert found.code is CardRefusalCode.SLOT_HAS_NUMBER_OR_LINK


def test_in_a_gsm_card_a_value_outside_the_alphabet_is_refused_and_not_sent_longer() -> None:
    english = template("will call about {item}", language="en", sign="Acme", slots={"item": {"units_max": 20}})
    assert isinstance(render(english, {"item": "order"}), RenderedCard)
    found = render(english, {"item": "订单"})
    assert isinstance(found, CardRefusal)
    assert found.code is CardRefusalCode.SLOT_NOT_IN_ENCODING


_pieces = st.sampled_from(["客服回访", "{a}", "{b}", "{c}", "service ", "€uro ", "𠮷", "，", "^"])
_slot = st.fixed_dictionaries({"type": st.sampled_from(["text", "digits"]), "units_max": st.integers(1, 35)})
_value = st.one_of(st.text("0123456789", max_size=36), st.text("订单𠮷abc€[]~{}|", max_size=36), st.text(max_size=36))


@settings(max_examples=500, deadline=None)
@given(
    st.lists(_pieces, min_size=1, max_size=12),
    st.fixed_dictionaries({"a": _slot, "b": _slot, "c": st.just({"type": "phone_tail"})}),
    st.sampled_from([("zh-CN", "某某商城"), ("en", "Acme")]),
    st.sampled_from([None, "ucs2", "gsm7"]),
    st.fixed_dictionaries({"a": _value, "b": _value, "c": st.just("0371") | _value}),
)
def test_a_card_that_passes_the_check_is_one_message_whatever_the_values(
    pieces: list[str],
    slots: dict[str, dict[str, Any]],
    language_sign: tuple[str, str],
    encoding: str | None,
    values: dict[str, str],
) -> None:
    language, sign = language_sign
    choice = {} if encoding is None else {"encoding": encoding}
    made = template("".join(pieces), language=language, sign=sign, slots=slots, **choice)
    if any(finding.severity is Severity.ERROR for finding in lint(made, sign, NO_WORDS)):
        return
    card = render(made, values, NO_WORDS)
    if isinstance(card, CardRefusal):
        assert card.code is not CardRefusalCode.TOO_LONG
        return
    length = measure(card.text)
    assert isinstance(length, SmsMeasure)
    assert length.fits_one_segment
    assert card.text.startswith(f"【{sign}】" if language == "zh-CN" else f"[{sign}] ")


def test_the_shared_sign_is_the_verified_one() -> None:
    assert lint(template(), SIGN, WORDS) == ()


@pytest.mark.parametrize("code", ["BZ7HKDR82JHNM", "0000000000RMB", "9CNY00000000A", "CNY0000000001"])
def test_a_code_that_looks_like_money_is_no_amount(code: str) -> None:
    card = render(template("客服回访,查验码{code}", slots={"code": {"type": "code"}}), {"code": code}, WORDS)
    assert isinstance(card, RenderedCard)
    assert card.text.endswith(code)


ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
AROUND = st.sampled_from(
    ["{code}", "，查验码{code}", " {code}。", "码{code}请核对", "({code})", "RMB{code}", "{code}元钱包"]
)


@settings(max_examples=300, deadline=None)
@given(st.text(ALPHABET, min_size=13, max_size=13), AROUND, st.booleans())
def test_no_code_forms_an_amount_or_a_word_with_the_text_around_it(code: str, around: str, is_link: bool) -> None:
    name, kind = ("link", "link") if is_link else ("code", "code")
    value = f"card.example/c/{code}" if is_link else code
    fields: dict[str, Any] = {"channel": "sms", "slots": {name: {"type": kind}}}
    card = render(template(f"客服回访{around.replace('code', name)}", **fields), {name: value}, WORDS)
    assert isinstance(card, RenderedCard)


@pytest.mark.parametrize("amount", ["128元", "3 RMB", "HKD5", "五百元", "2万元", "人民币30", "5块钱", "100圓"])
def test_amounts_in_values_are_still_found(amount: str) -> None:
    card = render(template("客服回访{a}", slots={"a": {"units_max": 10}}), {"a": amount}, WORDS)
    assert isinstance(card, CardRefusal)
    assert card.code is CardRefusalCode.AMOUNT_SHOWN
