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


@pytest.mark.parametrize(
    "text",
    [
        *(
            "别发了",
            "别发短信了",
            "不要发短信",
            "不要給我發短信",
            "别再给我打电话",
            "不要再给我打電話了",
            "以后别打",
            "别在打了",
        ),
        *(
            "不要打我电话",
            "别联系我",
            "请不要联系我",
            "勿再聯絡",
            "别call我",
            "不用再打了",
            "无需来电",
            "無需致電",
            "别烦我",
        ),
        *(
            "唔好再打俾我",
            "唔使再打",
            "咪再打",
            "停止给我打电话",
            "請停止致電",
            "停止短信",
            "拒绝营销",
            "谢绝推销",
            "婉拒來電",
        ),
        *(
            "拒绝",
            "我拒绝",
            "拒接",
            "请取消",
            "我要取消",
            "取消谢谢",
            "請停止",
            "停",
            "不同意",
            "不需要",
            "勿扰",
            "注销",
            "滚",
        ),
        *(
            "取消来电",
            "取消推送",
            "取消短信",
            "撤回同意",
            "撤銷我的授權",
            "不再同意",
            "不想再接到你们电话",
            "不希望接到来电",
        ),
        *(
            "把我号码删了",
            "删除我的号码",
            "请把我拉黑",
            "从名单中删除",
            "加入黑名单",
            "再打我就投诉",
            "再骚扰我就报警",
            "骚扰电话",
        ),
        *(
            "Td谢谢",
            "T谢谢",
            "回复0000",
            "000000",
            "R拒收",
            "TD退",
            "复T",
            "td1",
            "QXTD",
            "退定",
            "推订",
            "没兴趣",
            "tui ding",
        ),
        *("Please stop contacting me", "do not text me", "don’t message me", "stop fucking calling", "quit calling me"),
        *("never call this number again", "no calls please", "no more texts", "no thanks, stop", "cease and desist"),
        *(
            "Remove my number",
            "delete me",
            "remove",
            "opt me out",
            "I withdraw my consent",
            "lose my number",
            "unsubcribe",
        ),
        *("unsuscribe", "not interested", "do not disturb", "STOP2END", "Stopp calling", "Don't ring me"),
        *("T\n发自我的iPhone", "取消\r\n发自我的手机", "R\r\n\r\n[原短信]您好", "N\n> 原文", "好的\nTD", "谢谢\n0000"),
    ],
)
def test_what_people_put_together_to_refuse_is_read(text: str) -> None:
    found = reads_as_optout(text)
    assert found is not None
    assert len(found.word) <= 30  # of the words of the lists, never what somebody wrote around them


@pytest.mark.parametrize(
    "text",
    [
        *(
            "不用发票了",
            "不要发票",
            "别忘了打给我",
            "不用谢",
            "别客气",
            "不要紧",
            "不用打折",
            "不用打包",
            "不要打印",
            "不要打错了",
        ),
        *(
            "别发错地址",
            "停车在哪",
            "停电了",
            "拒绝了别家的报价",
            "怎么不联系我",
            "别家联系我了吗",
            "告别电话会议",
            "送别电话",
        ),
        *(
            "要不要联系你们",
            "用不用再打过来",
            "想不想接电话",
            "需不需要发资料",
            "再打一次吧",
            "以后打给我",
            "请再来电一次",
        ),
        *(
            "把我的订单发来",
            "名单里有我吗",
            "删除订单",
            "不要电话号码，要地址",
            "别烦恼",
            "不用推荐",
            "不用信封",
            "T台",
            "回复晚了",
        ),
        *("Never mind", "Don't forget to call", "You never called me", "I got no call", "no contact lens", "bus stop"),
        *("unsubstantiated", "Remove the second item", "I need to cancel Tuesday", "no interest rate?", "not sure"),
        *("Thanks\nR", "See you then\n\nN", "好的\n谢谢"),
    ],
)
def test_words_that_only_look_like_a_refusal_are_none(text: str) -> None:
    assert reads_as_optout(text) is None


_COURTEOUS = (
    *(
        "谢谢，{}",
        "您好，{}",
        "你好,{}",
        "好的，{}",
        "收到，{}",
        "不好意思，{}",
        "抱歉 {}",
        "对不起，{}",
        "不好意思 {} 谢谢",
    ),
    *(
        "Re: {}",
        "FW: {}",
        "答复：{}",
        "回复{}",
        "我回复{}",
        "我要{}",
        "麻烦{}",
        "{}吧",
        "{}了",
        "{} 13800138000",
        "唔该{}",
    ),
    *("{}，多謝", "请{}，谢谢您", "ok {}", "sorry, {}", "{} pls", "「{}」谢谢", "🙏{}，谢谢🙏"),
)


@pytest.mark.parametrize("around", _COURTEOUS)
@pytest.mark.parametrize("word", ["T", "TD", "N", "R", "QX", "0000", "STOP", "不需要", "取消", "退订", "拒絕"])
def test_a_refusal_among_courtesies_is_one(around: str, word: str) -> None:
    found = reads_as_optout(around.format(word))
    assert found is not None
    assert "138" not in found.word


@pytest.mark.parametrize(
    "text",
    [
        *(
            "好的",
            "好的，收到",
            "收到，谢谢",
            "谢谢您",
            "您好",
            "不好意思",
            "我",
            "请",
            "回复",
            "回复1",
            "好的，1",
            "1，谢谢",
            "收到1",
        ),
        *(
            "好的，停车位有吗",
            "麻烦取消预约",
            "我要T恤",
            "我叫N",
            "我是R",
            "好的，退房几点",
            "谢谢，退款收到了",
            "请回电",
        ),
        *(
            "Thanks, R",
            "Thank you, N",
            "Hi N",
            "Hello T",
            "hit",
            "ret",
            "ren",
            "rent",
            "okt",
            "hin",
            "Re: yes",
            "OK",
            "ok 1",
        ),
        *("13800138000", "我的号码 13800138000", "好的 13800138000", "谢谢\nR", "👍", "🙏🙏", "是的，谢谢", "嗯嗯"),
    ],
)
def test_courtesies_alone_and_around_other_words_are_no_refusal(text: str) -> None:
    assert reads_as_optout(text) is None


def test_the_word_of_a_refusal_holds_nothing_that_identifies_anybody() -> None:
    for text in ("把我张三13800138000删掉", "再打13800138000我投诉", "别打了，我是张三", "T请别打13800138000"):
        found = reads_as_optout(text)
        assert found is not None
        assert not any(char.isdigit() for char in found.word)
        assert "张" not in found.word
