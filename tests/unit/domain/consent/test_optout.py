"""Which replies are opt-outs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baitie.domain.consent.optout import OPT_OUT_WORDS, OptOut, WordChannel, reads_as_optout, refusal_in


@pytest.mark.parametrize(
    "text",
    [
        "T",
        "t",
        "TD",
        "Td.",
        "ＴＤ",
        "t d",
        "退订",
        "退 订",
        "回T退订",
        "拒收",
        "R",
        "ｒ",
        "STOP",
        "Stop!",
        "s.t.o.p",
        "stop please",
        "quit",
        "END",
        "revoke",
        "opt out",
        "Opt-Out",
        "cancel",
        "UNSUBSCRIBE",
        "0000",
        "\u200bTD",
        "别再打电话给我了",
        "不要再打了！",
        "請勿再聯絡，退訂",
        "please stop calling me",
        "Don't call me again",
        "别打了",
        "別打了！",
        "别给我打了",
        "不要来电",
        "请勿打扰",
        "請勿致電",
        "回TD",
        "回复 T",
        "取消",
        "取消吧",
        "取消订阅",
        "不要再发了",
        "Please stop.",
        "unsub",
        "No more calls",
        "别骚扰我",
    ],
)
def test_refusals_are_read_whatever_their_width_case_and_spaces(text: str) -> None:
    assert reads_as_optout(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "好的",
        "谢谢，收到了",
        "Thanks, tell me more",
        "please cancel my order 15",
        "1",
        "Tuesday is fine",
        "the end of the month",
        "几点打来？",
        "🙂",
        "I cannot stop laughing at this",
        "Really",
        "我特别打了招呼的",
        "分别打电话给我和他",
        "要不要打电话给你",
        "取消昨天的订单了吗",
        "不需要打折",
        "已回复",
        "回头再说",
        "別的時間吧",
        "T恤还有吗",
        "N95口罩",
    ],
)
def test_other_replies_are_not_taken_for_refusals(text: str) -> None:
    assert reads_as_optout(text) is None


@pytest.mark.parametrize(
    ("text", "word", "language"),
    [
        ("麻烦退订一下", "退订", "zh"),  # of a phrase, not the whole reply
        ("Opt out", "optout", "en"),  # of a whole reply
        ("Stop it all, now", "stop", "en"),  # of a first word, the word and not what follows
        ("TD 谢谢", "td", "zh"),
        ("ＴＤ", "td", "zh"),
        ("请退订，别再打", "退订", "zh"),  # of several the first of the list
        ("STOP 退订", "stop", "en"),
    ],
)
def test_it_says_which_word_in_which_language(text: str, word: str, language: str) -> None:
    assert reads_as_optout(text) == OptOut(word, language)


@pytest.mark.parametrize(
    ("readings", "word"),
    [
        (("退订",), "退订"),
        (("ÍË¶©", "退订"), "退订"),
        (("好的", "退订"), "退订"),  # a word that chance does not make counts in each reading
        (("呄", "TD"), "td"),  # a short one where the first reading is no ordinary text
        (("中", "N-"), None),
        (("呄", "\ufffdTD"), None),
        (("OK", "T"), None),
        (("", "R"), "r"),
        ((), None),
    ],
)
def test_each_reading_of_a_reply_is_asked(readings: tuple[str, ...], word: str | None) -> None:
    found = refusal_in(readings)
    assert (None if found is None else found.word) == word


def test_a_letter_that_is_spoken_is_no_refusal_and_a_phrase_is() -> None:
    assert reads_as_optout("R", WordChannel.VOICE) is None
    assert reads_as_optout("你们别再打了", WordChannel.VOICE) == OptOut("别再打", "zh")


@given(
    st.sampled_from(
        [(language, word) for language, known in OPT_OUT_WORDS[WordChannel.MESSAGE].items() for word in known.whole]
    ),
    st.text(alphabet=" .,!。！　\u200b\t\n", max_size=5),
    st.booleans(),
)
def test_each_word_of_the_lists_is_read_with_anything_around_it(
    known: tuple[str, str], around: str, is_upper: bool
) -> None:
    word = known[1].upper() if is_upper else known[1]
    assert reads_as_optout(around + word + around) is not None


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    reads_as_optout(text)
    reads_as_optout(text, WordChannel.VOICE)
