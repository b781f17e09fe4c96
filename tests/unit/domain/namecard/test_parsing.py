"""A template file becomes a template, or one error that names file and field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzzing import fuzz

from baitie.domain.namecard import (
    CardChannel,
    CardFault,
    CardTemplateError,
    NameCardTemplate,
    SlotType,
    parse_template,
    read_template_untrusted,
)
from baitie.domain.namecard.parsing import FAULTS_MAX
from baitie.domain.namecard.template import SLOT_UNITS_MAX
from baitie.kernel.purpose import Purpose
from baitie.kernel.sms_text import SmsEncoding

FILE = """
template_id = "order-followup"
version = 3
purpose = "care"
channel = "flash"
sign = "某某商城"
text = "客服将致电回访您的订单(尾号{order_tail}),约{分钟}分钟"
[slots.order_tail]
type = "phone_tail"
[slots."分钟"]
type = "digits"
units_max = 2
"""
FACTS: dict[str, Any] = {"template_id": "t", "version": 1, "purpose": "care", "sign": "某某", "text": "客服回访{a}"}


def test_a_file_is_read_with_all_its_fields() -> None:
    template = read_template_untrusted(FILE.encode(), "card.toml")
    assert (template.template_id, template.version, template.purpose) == ("order-followup", 3, Purpose.CARE)
    assert (template.channel, template.language, template.encoding) == (CardChannel.FLASH, "zh-CN", SmsEncoding.UCS2)
    assert template.text == "【某某商城】客服将致电回访您的订单(尾号{order_tail}),约{分钟}分钟"
    assert [(slot.type, slot.units_max) for slot in template.slots.values()] == [
        (SlotType.PHONE_TAIL, 4),
        (SlotType.DIGITS, 2),
    ]


def test_an_english_text_of_the_gsm_alphabet_is_counted_in_septets() -> None:
    template = parse_template({**FACTS, "language": "en", "sign": "Acme", "text": "calls you"}, "f")
    assert (template.encoding, template.framed_sign) == (SmsEncoding.GSM7, "[Acme] ")


@pytest.mark.parametrize(
    ("change", "fault", "field"),
    [
        ({"version": None}, CardFault.KEY_MISSING, "version"),
        ({"titel": "x"}, CardFault.KEY_UNKNOWN, "titel"),
        ({"version": "1"}, CardFault.WRONG_TYPE, "version"),
        ({"version": True}, CardFault.WRONG_TYPE, "version"),
        ({"version": 0}, CardFault.OUT_OF_RANGE, "version"),
        ({"purpose": "marketing"}, CardFault.NOT_ONE_OF, "purpose"),
        ({"channel": "rcs"}, CardFault.NOT_ONE_OF, "channel"),
        ({"sign": 5}, CardFault.WRONG_TYPE, "sign"),
        ({"sign": ""}, CardFault.OUT_OF_RANGE, "sign"),
        ({"text": "x" * 501}, CardFault.OUT_OF_RANGE, "text"),
        ({"text": "客服{b}"}, CardFault.SLOT_UNKNOWN, "text"),
        ({"text": "客服{a"}, CardFault.BRACE_UNPAIRED, "text"),
        ({"text": "客服}"}, CardFault.BRACE_UNPAIRED, "text"),
        ({"text": "客服\x01"}, CardFault.CONTROL_CHARACTER, "text"),
        ({"text": "客服\n回访"}, CardFault.CONTROL_CHARACTER, "text"),
        ({"slots": []}, CardFault.WRONG_TYPE, "slots"),
        ({"slots": {"a": 1}}, CardFault.WRONG_TYPE, "slots.a"),
        ({"slots": {"a b": {}}}, CardFault.SLOT_NAME_INVALID, "slots.a b"),
        ({"slots": {"a": {}}}, CardFault.KEY_MISSING, "slots.a.units_max"),
        ({"slots": {"a": {"units_max": 36}}}, CardFault.OUT_OF_RANGE, "slots.a.units_max"),
        ({"slots": {"a": {"type": "amount"}}}, CardFault.NOT_ONE_OF, "slots.a.type"),
        ({"slots": {"a": {"type": "phone_tail", "units_max": 5}}}, CardFault.OUT_OF_RANGE, "slots.a.units_max"),
        ({"slots": {f"a{n}": {"units_max": 1} for n in range(11)}}, CardFault.TOO_MANY_SLOTS, "slots"),
        ({"template_id": "A B"}, CardFault.OUT_OF_RANGE, "template_id"),
        ({"language": "中文"}, CardFault.OUT_OF_RANGE, "language"),
    ],
)
def test_each_fault_names_file_and_field(change: dict[str, Any], fault: CardFault, field: str) -> None:
    facts = {"slots": {"a": {"units_max": 4}}, **FACTS, **change}
    with pytest.raises(CardTemplateError) as caught:
        parse_template({key: value for key, value in facts.items() if value is not None}, "card.toml")
    assert (caught.value.fault, caught.value.details["file"], caught.value.details["field"]) == (
        fault,
        "card.toml",
        field,
    )


def test_fuzzed_template_files_raise_one_error_class() -> None:
    seeds = [FILE.encode(), b'template_id = "t"\nversion = 1\npurpose = "care"\nsign = "Acme"\ntext = "calls"\n']
    fuzz(lambda data: read_template_untrusted(data, "f"), CardTemplateError, seeds)


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*FACTS, "slots", "channel", "language", "encoding"]), _values))
def test_any_mapping_gives_a_template_or_the_one_error(change: dict[str, Any]) -> None:
    try:
        found = parse_template({**FACTS, "text": "客服回访", **change}, "f")
    except CardTemplateError:
        return
    assert isinstance(found, NameCardTemplate)


@pytest.mark.parametrize(
    ("slot_type", "units"),
    [("time", 16), ("link", SLOT_UNITS_MAX), ("phone_tail", 4), ("minutes", 2), ("code", 13)],
)
def test_a_slot_whose_length_is_not_given_has_that_of_its_type(slot_type: str, units: int) -> None:
    facts = {**FACTS, "slots": {"a": {"type": slot_type}}}
    assert parse_template(facts, "f").slots["a"].units_max == units


def faults_of(facts: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(CardTemplateError) as caught:
        parse_template(facts, "card.toml")
    return [(str(one.details["field"]), one.fault.value) for one in (caught.value, *caught.value.others)]


def test_all_faults_of_a_template_are_told_at_once_each_once() -> None:
    facts = {
        "template_id": "售后回访",
        "purpose": "marketing",
        "sign": "云杉",
        "text": "您好{a}，{b}，{c}}回访",
        "titel": "x",
        "language": "中文",
        "channel": "rcs",
        "encoding": "utf-8",
        "industry": "shop",
        "emphasises": "speed",
        "slots": {"a": {"units_max": 99, "typ": "text"}, "b": 1, "d e": {}},
    }
    assert faults_of(facts) == [
        ("version", "key-missing"),
        ("titel", "key-unknown"),
        ("template_id", "out-of-range"),
        ("language", "out-of-range"),
        ("slots.a.typ", "key-unknown"),
        ("slots.a.units_max", "out-of-range"),
        ("slots.b", "wrong-type"),
        ("slots.d e", "slot-name-invalid"),
        ("purpose", "not-one-of"),
        ("channel", "not-one-of"),
        ("text", "slot-unknown"),
        ("text", "brace-unpaired"),
        ("industry", "not-one-of"),
        ("emphasises", "wrong-type"),
        ("encoding", "not-one-of"),
    ]


def test_a_file_of_nothing_but_faults_is_told_of_to_a_bound() -> None:
    assert len(faults_of({f"key{n}": n for n in range(20_000)})) == FAULTS_MAX


def test_faults_beside_the_text_leave_a_template_that_can_be_judged() -> None:
    for change, is_readable in (({"version": 0}, True), ({"template_id": "A"}, True), ({"sign": ""}, False)):
        with pytest.raises(CardTemplateError) as caught:
            parse_template({**FACTS, "text": "客服回访", **change}, "card.toml")
        assert (caught.value.readable is not None) is is_readable
