"""Which replies are opt-outs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baitie.domain.consent.optout import OPT_OUT_WORDS, OptOut, WordChannel, reads_as_optout


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
    ],
)
def test_other_replies_are_not_taken_for_refusals(text: str) -> None:
    assert reads_as_optout(text) is None


def test_it_says_which_word_in_which_language() -> None:
    assert reads_as_optout("麻烦退订一下") == OptOut("退订", "zh")
    assert reads_as_optout("Opt out") == OptOut("optout", "en")


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
