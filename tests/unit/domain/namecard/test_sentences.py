"""Card sentences of the documents: each passes, or is refused with a card made from what was given that passes."""

import tomllib
from pathlib import Path

import pytest

from baitie.bootstrap.card_files import finding_problems, lint_fully
from baitie.bootstrap.catalogue import LANGUAGES
from baitie.domain.namecard import CardFinding, NameCardTemplate, Severity, parse_template, with_sign
from baitie.domain.namecard.findings import INSTEAD

TABLE = tomllib.loads((Path(__file__).parents[3] / "data" / "cards" / "sentences.toml").read_text("utf-8"))
ROWS = [*TABLE["documents"], *TABLE["neighbours"]]


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
