"""Suspects are found in what callees say: by class, in Chinese and English, with care for negation."""

import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baitie.domain.review import Speaker, SuspectWordsError, Transcript, Utterance, classify, parse_suspect_words

FILE = "suspect-words.toml"
TABLES = tomllib.loads(resources.files("baitie").joinpath("rules", FILE).read_text("utf-8"))
WORDS = parse_suspect_words(TABLES, FILE)


def classes(*said: str, speaker: Speaker = Speaker.CALLEE) -> list[str]:
    transcript = Transcript(tuple(Utterance(speaker, text) for text in said), "test 1")
    return [finding.keyword_class for finding in classify(transcript, WORDS)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("我没兴趣,谢谢", "not-interested"),
        ("我 没 兴 趣", "not-interested"),
        ("不需要,再见", "not-interested"),
        ("你们别打了", "refuses"),
        ("你打错了吧", "wrong-person"),
        ("你是不是打错了?", "wrong-person"),
        ("我不是本人,我是他太太", "wrong-person"),
        ("滚蛋", "abusive"),
        ("我父亲上个月去世了", "deceased"),
        ("我妈妈不在家", "minor"),
        ("这个我已经办好了", "already-resolved"),
        ("我冇興趣呀", "not-interested"),
        ("I'm NOT interested.", "not-interested"),
        ("Stop calling me!", "refuses"),
        ("You have the wrong number", "wrong-person"),
        ("Is this a wrong number?", "wrong-person"),
        ("My husband passed away last year", "deceased"),
        ("I am a kid", "minor"),
        ("I have already paid that", "already-resolved"),
    ],
)
def test_what_a_callee_says_is_of_its_class(said: str, expected: str) -> None:
    assert classes(said) == [expected]


@pytest.mark.parametrize(
    "said",
    [
        "你没打错",
        "不是打错,我就是张三",
        "我没有说不想听",
        "我不是不感兴趣",
        "他没去世",
        "这里不需要预约吧",
        "现在骗子多,我要核实一下",
        "It's not that I'm not interested",
        "this is not a wrong number",
        "I have not already paid",
        "he is undead-ish and called Deceasedson",
        "好的,你说",
        "",
    ],
)
def test_what_is_denied_or_means_something_else_makes_no_suspect(said: str) -> None:
    assert classes(said) == []


def test_only_the_callee_is_listened_to_and_an_unknown_speaker_is_named() -> None:
    assert classes("您是没兴趣吗", speaker=Speaker.AGENT) == []
    assert classes("您是没兴趣吗", speaker=Speaker.BOT) == []
    transcript = Transcript((Utterance(Speaker.UNKNOWN, "没兴趣"),), "mono")
    (finding,) = classify(transcript, WORDS)
    assert finding.speaker is Speaker.UNKNOWN


def test_a_negation_in_one_clause_does_not_reach_into_the_next() -> None:
    assert classes("不是,打错了") == ["wrong-person"]
    assert classes("No. Wrong number.") == ["wrong-person"]


def test_a_class_is_found_once_and_the_quote_is_the_clause() -> None:
    transcript = Transcript((Utterance(Speaker.CALLEE, "喂,我没兴趣"), Utterance(Speaker.CALLEE, "不想听")), "t")
    (finding,) = classify(transcript, WORDS)
    assert (finding.word, finding.quote) == ("没兴趣", "我没兴趣")


def test_every_class_names_its_source_and_freezes_for_some_days() -> None:
    assert all(kind.source and kind.freeze_days and kind.words for kind in WORDS.classes)
    assert {"wrong-person", "abusive", "refuses", "deceased", "minor", "already-resolved"} <= {
        kind.code for kind in WORDS.classes
    }


@given(st.text(max_size=200))
def test_any_text_is_read_and_agents_never_make_suspects(said: str) -> None:
    classes(said)
    assert classes(said, speaker=Speaker.AGENT) == []


@pytest.mark.parametrize(
    "tables",
    [
        {},
        {"version": 1, "class": []},
        {"version": 1, "class": [{"code": "X"}]},
        {"version": 1, "class": [{"code": "x", "source": "s", "freeze_days": 0, "words": ["a"]}]},
        {"version": 1, "class": [{"code": "x", "source": "s", "freeze_days": 1, "words": []}]},
        {"version": True, "class": [{"code": "x", "source": "s", "freeze_days": 1, "words": ["a"]}]},
        {"version": 1, "class": [{"code": "x", "source": "s", "freeze_days": 1, "words": ["a"]}] * 2},
    ],
)
def test_a_list_that_is_not_whole_is_refused(tables: dict) -> None:
    with pytest.raises(SuspectWordsError):
        parse_suspect_words(tables, "own.toml")
