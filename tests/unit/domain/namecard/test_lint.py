"""What a template may not say, and how long it may become."""

import re
from pathlib import Path
from typing import Any

import pytest
from tests.unit.domain.namecard.cards import SIGN, card_words, template

from baitie.domain.namecard import (
    CardFault,
    CardFinding,
    CardRefusalCode,
    CardWordsError,
    FindingCode,
    Industry,
    Severity,
    lint,
    parse_words,
    read_template_untrusted,
    worst_case,
)
from baitie.kernel.purpose import Purpose
from baitie.locale.catalogue import LANGUAGES, catalogue

DOCS = Path(__file__).parents[4] / "docs" / "reference" / "name-cards.md"
WORDS = card_words()
VALUES_IN_WORDS = {"purpose", "industry", "disclosure", "declared", "most", "type", "encoding", "language"}
"""Values of findings that are codes: a text of their own says them."""


def codes(text: str, **fields: Any) -> set[str]:
    return {finding.code.value for finding in lint(template(text, **fields), fields.get("sign", SIGN), WORDS)}


def only(code: FindingCode, text: str, **fields: Any) -> CardFinding:
    (found,) = [f for f in lint(template(text, **fields), fields.get("sign", SIGN), WORDS) if f.code is code]
    return found


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("客服将致电回访您的订单(尾号{t}),约1分钟", {"slots": {"t": {"type": "phone_tail"}}}),
        ("客服代表即将致电您(400-000-0000),事由:账户服务", {"purpose": "collection"}),
        ("将就车险报案(尾号{t})回访,约2分钟。核验码{c},勿告知他人", {
            "slots": {"t": {"type": "phone_tail"}, "c": {"type": "digits", "units_max": 4}}}),
        ("骑手{name}({no})即将送达您的订单", {"purpose": "information",
            "slots": {"name": {"units_max": 8}, "no": {"type": "digits", "units_max": 8}}}),
        ("is about to call you from 400-000-0000 about your motor claim (ref ..{t}). Reply R to refuse.",
            {"language": "en", "sign": "Acme Insurance", "slots": {"t": {"type": "phone_tail"}}}),
    ],
)  # fmt: skip
def test_truthful_cards_have_no_findings(text: str, fields: dict[str, Any]) -> None:
    assert codes(text, **fields) == set()


@pytest.mark.parametrize(
    ("code", "text", "fields"),
    [
        (FindingCode.SIGN_LENGTH, "客服回访您", {"sign": "某"}),
        (FindingCode.SIGN_LENGTH, "客服回访您", {"sign": "某" * 17}),
        (FindingCode.SIGN_SYMBOL, "客服回访您", {"sign": "某某!"}),
        (FindingCode.SIGN_SYMBOL, "客服回访您", {"sign": "某 某"}),
        (FindingCode.SIGN_NEUTRAL, "客服回访您", {"sign": "客服通知"}),
        (FindingCode.SIGN_NEUTRAL, "客服回访您", {"sign": "温馨 提示"}),
        (FindingCode.TOO_LONG, "客服回访" * 20, {}),
        (FindingCode.TOO_LONG, "客服回访您的订单,商品{a},地址{b}",
            {"slots": {"a": {"units_max": 35}, "b": {"units_max": 20}}}),
        (FindingCode.LONG, "客服回访您" * 12, {}),
        (FindingCode.LONG, f"客服回访您的订单{'好' * 47}", {}),
        (FindingCode.NOT_IN_GSM7, "客服回访您", {"encoding": "gsm7"}),
        (FindingCode.FORCES_UCS2, "service call, it’s short", {"language": "en", "sign": "Acme"}),
        (FindingCode.CHARACTER_FORBIDDEN, "客服【回访】您", {}),
        (FindingCode.CHARACTER_FORBIDDEN, "★客服回访您", {}),
        (FindingCode.CHARACTER_FORBIDDEN, "客服回访您😀", {}),
        (FindingCode.CHARACTER_FORBIDDEN, "客服\u202e回访您", {}),
        (FindingCode.CHARACTER_FORBIDDEN, "客服\u200b回访您", {}),
        (FindingCode.SLOT_UNUSED, "客服回访您", {"slots": {"a": {"units_max": 4}}}),
        (FindingCode.SLOTS_ADJACENT, "客服回访您{a}{b}", {"slots": {"a": {"units_max": 4}, "b": {"units_max": 4}}}),
        (FindingCode.TEXT_ONLY_SLOTS, "{a}回访", {"slots": {"a": {"units_max": 4}}}),
        (FindingCode.LINK_ON_FLASH, "客服回访您,见card.example/a1", {}),
        (FindingCode.LINK, "客服回访您,见card.example/a1", {"channel": "sms"}),
        (FindingCode.AMOUNT_SHOWN, "客服回访您的订单128.5元", {}),
        (FindingCode.AMOUNT_SHOWN, "客服回访您的订单{a}元", {"slots": {"a": {"type": "digits", "units_max": 4}}}),
        (FindingCode.AMOUNT_SHOWN, "service call about $128", {"language": "en", "sign": "Acme"}),
        (FindingCode.COLLECTION_SLOT, "账户服务{a}", {"purpose": "collection", "slots": {"a": {"units_max": 4}}}),
        (FindingCode.PURPOSE_NOT_STATED, "请放心接听来电", {}),
        (FindingCode.WORD_FORBIDDEN, "账户服务:您已逾期", {"purpose": "collection"}),
        (FindingCode.WORD_FORBIDDEN, "账户服务:您已 逾-期", {"purpose": "collection"}),
        (FindingCode.WORD_FORBIDDEN, "客服回访,加 微 信", {}),
        (FindingCode.WORD_FORBIDDEN, "回访您的诊断", {}),
        (FindingCode.WORD_FORBIDDEN, "产品介绍:低息贷款", {"purpose": "acquisition"}),
        (FindingCode.WORD_FORBIDDEN, "service call: your ＤＥＢＴ", {"language": "en", "sign": "Acme"}),
        (FindingCode.WORD_RISKY, "客服回访,仅限今日", {}),
    ],
)  # fmt: skip
def test_each_offence_is_found(code: FindingCode, text: str, fields: dict[str, Any]) -> None:
    assert code.value in codes(text, **fields)


def test_a_card_of_sixty_units_with_its_sign_is_not_long() -> None:
    assert FindingCode.LONG.value not in codes(f"客服回访您的订单{'好' * 46}")


def test_a_sign_that_is_not_the_verified_brand_is_an_error() -> None:
    (found,) = lint(template(), "别家商城", WORDS)
    assert (found.code, found.severity, found.place) == (FindingCode.SIGN_UNVERIFIED, Severity.ERROR, "sign")


def test_words_are_whole_words_in_latin_and_do_not_join_across_slots() -> None:
    assert "word-forbidden" not in codes("service call from the debtor desk of Acme", language="en", sign="Acme")
    assert "word-forbidden" not in codes("客服回访,逾{a}期", slots={"a": {"units_max": 4}})


def test_the_longest_form_and_the_offending_character_are_shown() -> None:
    found = only(FindingCode.TOO_LONG, "客服回访" * 16 + "{a}", slots={"a": {"units_max": 4}})
    assert found.values == {"units": 6 + 64 + 4, "units_max": 70, "encoding": "ucs2", "over": 4}
    forced = only(FindingCode.FORCES_UCS2, "service call {tail} it’s", language="en", sign="Acme",
                  slots={"tail": {"type": "phone_tail"}})  # fmt: skip
    assert (forced.values["char"], forced.values["index"]) == ("’", "[Acme] service call {tail} it’s".index("’"))


def test_astral_characters_count_two_units() -> None:
    assert worst_case(template("客服回访𠮷")).units == worst_case(template("客服回访某")).units + 1


def test_errors_stand_before_warnings() -> None:
    severities = [
        finding.severity for finding in lint(template("客服回访，限时★", slots={"a": {"units_max": 4}}), SIGN, WORDS)
    ]
    assert severities == [Severity.ERROR] * 2 + [Severity.WARNING] * 2


def test_a_broken_list_of_words_is_refused_with_its_file() -> None:
    with pytest.raises(CardWordsError) as caught:
        parse_words({"class": [{"code": "x"}]}, "words.toml")
    assert caught.value.details["file"] == "words.toml"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_fault_finding_and_refusal_has_a_text_and_a_remedy(lang: str) -> None:
    kinds = {"fault": CardFault, "finding": FindingCode, "refusal": CardRefusalCode}
    wanted = {f"{kind}.{code}.{part}" for kind, c in kinds.items() for code in c for part in ("text", "remedy")}
    classes = {f"class.{kind.code}" for kind in WORDS.classes}
    keys = catalogue("namecard", lang).keys()
    of_values = {key for key in keys if key.partition(".")[0] in VALUES_IN_WORDS}
    assert keys - of_values == wanted | classes | {"said", "instead"}, "and how they are shown"
    assert {f"purpose.{purpose}" for purpose in Purpose} | {f"industry.{each}" for each in Industry} <= of_values


def test_the_template_of_the_reference_page_has_no_findings() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert lint(read_template_untrusted(example.encode(), "card.toml"), SIGN, WORDS) == ()


def test_the_reference_page_holds_every_fault_finding_and_refusal() -> None:
    texts, page = catalogue("namecard", "en"), DOCS.read_text("utf-8")
    for kind, codes_of_kind in {"fault": CardFault, "finding": FindingCode, "refusal": CardRefusalCode}.items():
        for code in codes_of_kind:
            said = [texts.text(f"{kind}.{code}.{part}") for part in ("text", "remedy")]
            assert f"| `{code}` | {' | '.join(said)} |" in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_texts_of_findings_are_filled_by_the_values_that_findings_carry(lang: str) -> None:
    texts = catalogue("namecard", lang)
    offending = template(
        "客服★见card.example{a}{b}逾期9元,限时" + "长" * 60,
        purpose="collection",
        slots={"a": {"units_max": 4}, "b": {"units_max": 4}, "c": {"units_max": 4}},
    )
    findings = lint(offending, "别家", WORDS) + lint(template("客服回访", sign="通知!", encoding="gsm7"), "x", WORDS)
    assert len({finding.code for finding in findings}) > 10
    for finding in findings:
        for part in ("text", "remedy"):
            assert "{" not in texts.text(f"finding.{finding.code}.{part}", **finding.values)
