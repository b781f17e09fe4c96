"""What the callee's page says to whom: languages and scripts, numbers, the matter, complaints, nothing of engineers."""

from dataclasses import replace

import pytest
from tests.web.pages import World

from baitie.domain.contacts import written_for
from baitie.kernel.phone import PhoneNumber
from baitie.locale.catalogue import catalogue
from baitie.web.callee.languages import language_wanted
from baitie.web.callee.settings import LANGUAGES


def texts(lang: str) -> dict[str, str]:
    spoken = catalogue("page", lang)
    return {key: spoken.text(key) for key in sorted(spoken.keys())}


def hong_kong(language: str | None = "zh-HK", region: str = "HK") -> World:
    """A callee of a region, who was sent a card in a language."""
    world = World()
    for callee_id, callee in list(world.store.disk.callees.items()):
        world.store.disk.callees[callee_id] = replace(callee, region=region)
    for campaign_id, facts in list(world.store.disk.campaigns.items()):
        world.store.disk.campaigns[campaign_id] = replace(facts, card_language=language)
    return world


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        ("zh-HK", "zh-HK"),
        ("zh-Hant-HK,zh;q=0.9", "zh-HK"),
        ("zh-Hant", "zh-HK"),
        ("zh-MO;q=0.8, en;q=0.3", "zh-HK"),
        ("zh-TW", "zh-HK"),
        ("yue-HK", "zh-HK"),
        ("yue", "zh-HK"),
        ("zh-Hans-HK", "zh"),
        ("zh-CN, zh-HK;q=0.5", "zh"),
        ("zh-SG", "zh"),
        ("en-HK, zh-HK;q=0.9", "en"),
        ("ZH-HANT-TW", "zh-HK"),
        ("zh-HK;q=0, zh", "zh"),
    ],
)
def test_the_script_is_the_one_that_the_browser_names(accepted: str, lang: str) -> None:
    assert language_wanted(None, accepted) == lang


@pytest.mark.parametrize("accepted", [None, "zh", "zh-CN", "zh-HK", "fr"])
def test_a_traditional_card_has_a_traditional_page(accepted: str | None) -> None:
    world = hong_kong()
    page = world.get(world.place(), headers={} if accepted is None else {"accept-language": accepted})
    assert '<html lang="zh-HK">' in page.text
    assert page.headers["content-language"] == "zh-HK"
    assert "已核實：此來電名片由" in page.text


def test_who_reads_english_is_shown_english_behind_a_traditional_card() -> None:
    world = hong_kong()
    assert '<html lang="en">' in world.get(world.place(), headers={"accept-language": "en-HK"}).text


@pytest.mark.parametrize(
    ("language", "region", "lang"), [("zh-CN", "CN", "zh-CN"), (None, "HK", "zh-HK"), ("en", "MO", "zh-HK")]
)
def test_without_a_chinese_card_the_region_tells_the_script(language: str | None, region: str, lang: str) -> None:
    world = hong_kong(language, region)
    assert f'<html lang="{lang}">' in world.get(world.place()).text


def test_each_page_links_to_the_two_other_languages() -> None:
    world = World()
    for lang in LANGUAGES:
        page = world.get(f"{world.place()}?lang={lang}").text
        assert [other for other in LANGUAGES if f'{world.place()}?lang={other}"' in page] == [
            other for other in LANGUAGES if other != lang
        ]


def test_acts_answer_in_the_language_of_the_card() -> None:
    world = hong_kong()
    assert "投訴編號：7f3k2m9q" in world.get(world.send("complain", about="rude").headers["location"]).text
    assert "刪除要求已受理" in world.send("forget", sure="yes").text


def test_the_traditional_page_has_no_simplified_character_and_no_word_of_the_mainland() -> None:
    said = texts("zh-HK")
    del said["switch.zh"]  # the name of the other language, in its own script
    for word in (
        "短信",
        "拒接",
        "回訪",
        "尾號",
        "工號",
        "信息",
        "視頻",
        "转",
        "系统",
        "您们",
        "尽快",
        "轉帳",
        "帳戶",
        "隱私",
    ):
        assert [key for key, text in said.items() if word in text] == []
    assert "私隱專員公署" in said["complain.elsewhere-HK"]


@pytest.mark.parametrize(("region", "place", "not_place"), [("CN", "12321", "公署"), ("HK", "公署", "12321")])
def test_a_complaint_may_go_to_the_office_of_the_callees_country(region: str, place: str, not_place: str) -> None:
    world = hong_kong("zh-HK" if region == "HK" else "zh-CN", region)
    page = world.get(world.place()).text
    assert place in page
    assert not_place not in page


def test_a_complaint_is_answered_with_its_ticket_and_its_day() -> None:
    world = World()
    page = world.get(world.send("complain", about="rude").headers["location"]).text
    assert "投诉编号：7f3k2m9q" in page
    assert "2026-03-24" in page
    assert "4000000000" in page


@pytest.mark.parametrize(
    ("number", "region", "written"),
    [
        ("+8657126880100", "CN", "0571-2688 0100"),
        ("+862150000100", "CN", "021-5000 0100"),
        ("+861062345678", "CN", "010-6234 5678"),
        ("+8613800138000", "CN", "138 0013 8000"),
        ("+864008208820", "CN", "400 820 8820"),
        ("+8695588", "CN", "95588"),
        ("+8612345", "CN", "12345"),
        ("+85228881234", "HK", "2888 1234"),
        ("+85291234567", "CN", "+852 9123 4567"),
        ("+8657126880100", "HK", "+86 571 2688 0100"),
        ("+12025550143", "US", "(202) 555-0143"),
        ("+12025550143", "CN", "+1 202-555-0143"),
        ("+2100000", "CN", "+2100000"),
        ("+862150000100", None, "+86 21 5000 0100"),
    ],
)
def test_a_number_is_written_as_the_people_of_the_country_write_it(
    number: str, region: str | None, written: str
) -> None:
    assert written_for(PhoneNumber(number), region) == written


def test_the_number_is_dialled_by_its_whole_form() -> None:
    world = World()
    assert '<a href="tel:+862150000100">021-5000 0100</a>' in world.get(world.place()).text


def test_the_matter_names_what_the_card_named_and_no_code() -> None:
    world = World()
    assert "订单回访<br>1542" in world.get(world.place()).text


def test_a_callee_is_told_nothing_of_chains_keys_and_registers() -> None:
    world = World()
    for lang in LANGUAGES:
        said = list(texts(lang).values())
        said.append(world.get(f"{world.place()}?lang={lang}").text.partition("<body>")[2])
        for text in said:
            for word in (
                "哈希",
                "密钥",
                "密鑰",
                "签章",
                "簽章",
                "日志",
                "日誌",
                "报备",
                "任务",
                "hash",
                "journal",
                "signature",
                "5f5f",
            ):
                assert word not in text
        assert "Asia/Shanghai" not in said[-1]


@pytest.mark.parametrize(
    ("hotline", "dialled"), [("400-820-8820", "4008208820"), ("+86 21 5000 0100", "+862150000100")]
)
def test_the_hotline_is_dialled_without_what_is_written_between_its_digits(hotline: str, dialled: str) -> None:
    assert replace(World().settings(), hotline=hotline).hotline_dialled == dialled
