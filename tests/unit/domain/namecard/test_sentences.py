"""Card sentences of the documents: each passes, or is refused with a card made from what was given that passes."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baitie.domain.namecard import CardFinding, NameCardTemplate, Severity, parse_template, with_sign
from baitie.domain.namecard.findings import INSTEAD
from baitie.files.card_files import finding_problems, lint_fully
from baitie.kernel.purpose import Purpose
from baitie.locale.catalogue import LANGUAGES

TABLE = tomllib.loads((Path(__file__).parents[3] / "data" / "cards" / "sentences.toml").read_text("utf-8"))
ROWS = [*TABLE["documents"], *TABLE["neighbours"], *TABLE["practice"]]


def card(sign: str, industry: str, language: str, purpose: str, text: str) -> NameCardTemplate:
    facts = {"template_id": "t", "version": 1, "purpose": purpose, "language": language, "industry": industry}
    return parse_template({**facts, "sign": sign, "text": text}, "card.toml")


def errors(template: NameCardTemplate, sign: str) -> list[CardFinding]:
    return [found for found in lint_fully(template, sign) if found.severity is Severity.ERROR]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[4]} {row[5]}")
def test_a_sentence_passes_or_is_refused_with_a_card_that_passes(row: list[str]) -> None:
    _, sign, industry, language, purpose, text, expected = row
    found = errors(card(sign, industry, language, purpose, text), sign)
    wanted = set(expected.split()) - {"passes", "none"}
    assert {each.code.value for each in found} == wanted
    instead = [str(each.values[INSTEAD]) for each in found if INSTEAD in each.values]
    if not wanted or "none" in expected:
        assert instead == []
        return
    (whole,) = instead
    left, right = ("【", "】") if language.startswith("zh") else ("[", "] ")
    new_sign, new_text = whole.removeprefix(left).split(right, 1)
    assert new_sign in sign
    assert errors(card(new_sign, industry, language, purpose, new_text), new_sign) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_refusal_shows_its_reason_in_words_and_the_card_to_write_instead(lang: str) -> None:
    (found,) = errors(card("云杉银行", "finance", "zh-CN", "information", "提醒您信用卡还款"), "云杉银行")
    (problem,) = finding_problems([found], "card.toml")
    said = problem.text(lang)
    assert str(found.values[INSTEAD]) in said
    assert {"zh": "锁屏上不能出现欠款信息", "en": "a lock screen shows no debt"}[lang] in said
    assert "debt；" not in said


def test_what_is_kept_of_a_refused_text_stands_beside_its_purpose() -> None:
    kept = card("云杉银行", "finance", "zh-CN", "care", "给您致电，请放心接听")
    assert errors(kept, "云杉银行")[0].values[INSTEAD] == "【云杉银行】即将致电做服务回访，约2分钟，请放心接听。"
    slogan = card("友谊路街道办事处", "government", "zh-CN", "information", "创建全国文明城区，让我们一起努力")
    whole = str(errors(slogan, "友谊路街道办事处")[0].values[INSTEAD])
    assert "进展" in whole
    assert "创建全国文明城区，让我们一起努力" in whole


def test_a_sign_that_is_not_the_verified_brand_is_replaced_in_what_is_suggested() -> None:
    found = errors(with_sign(card("别家", "any", "zh-CN", "care", "请接听"), "别家"), "云杉优选")
    assert any(str(each.values.get(INSTEAD, "")).startswith("【云杉优选】") for each in found)


CELLS = [
    ("云杉银行", "finance", "zh-CN"),
    ("云杉医院", "health", "zh-CN"),
    ("云杉小学", "education", "zh-CN"),
    ("云杉优选", "any", "zh-CN"),
    ("雲杉物業", "property", "zh-HK"),
    ("Spruce Parcels", "logistics", "en"),
]
PIECES = {
    "zh-CN": ["请放心接听", "竭诚为您服务", "逾期", "加微信", "共300元", "肺癌", "公安局来电", "点t.cn/a"],
    "zh-HK": ["請放心接聽", "逾期", "共300元", "警方來電", "www.a.hk", "肺癌"],
    "en": ["please answer", "overdue", "300 pounds", "Amazon calls", "www.a.com", "your password", "cancer"],
}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_refused_the_card_to_write_instead_passes_for_the_purpose_and_language(data: st.DataObject) -> None:
    sign, industry, language = data.draw(st.sampled_from(CELLS))
    purpose = data.draw(st.sampled_from(list(Purpose))).value
    pieces = data.draw(st.lists(st.sampled_from(PIECES[language]), min_size=1, max_size=4))
    found = errors(card(sign, industry, language, purpose, ", ".join(pieces)), sign)
    (whole,) = [str(each.values[INSTEAD]) for each in found if INSTEAD in each.values]
    left, right = ("【", "】") if language.startswith("zh") else ("[", "] ")
    new_sign, text = whole.removeprefix(left).split(right, 1)
    assert errors(card(new_sign, industry, language, purpose, text), new_sign) == []


def test_marketing_that_does_not_say_how_to_refuse_is_warned_of_and_what_is_suggested_says_it() -> None:
    untold = lint_fully(card("云杉优选", "ecommerce", "zh-CN", "acquisition", "会员日活动介绍"), "云杉优选")
    assert [each.code.value for each in untold] == ["refusal-untold"]
    for told in ("会员日活动介绍，拒收请回复R", "会员日活动介绍，退订回T", "会员日活动介绍，不想再接到请按9"):
        assert lint_fully(card("云杉优选", "ecommerce", "zh-CN", "acquisition", told), "云杉优选") == ()
    refused = errors(card("云杉优选", "ecommerce", "zh-CN", "acquisition", "会员日活动介绍，加微信"), "云杉优选")
    assert "拒收请回复R" in str(refused[0].values[INSTEAD])


@pytest.mark.parametrize("beyond", ["影响出行", "案件编号", "今日务必存入足额资金", "信用受损", "请转告家属"])
def test_a_collection_card_says_nothing_that_tells_more_than_identity(beyond: str) -> None:
    assert errors(card("云杉银行", "finance", "zh-CN", "collection", f"账户事宜，{beyond}"), "云杉银行")
    assert errors(card("云杉银行", "finance", "zh-CN", "collection", "您本人的账户事宜，可回电核实"), "云杉银行") == []
