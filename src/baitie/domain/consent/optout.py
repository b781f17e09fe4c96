"""Opt-outs by words: which replies of a callee mean "do not call me", by channel and language."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

OPT_OUT_CHARS_MAX = 2000
"""Nobody writes a refusal longer than this; what comes after is not read."""


class WordChannel(StrEnum):
    """Where the words come from (来言渠道)."""

    MESSAGE = "message"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class OptOutWords:
    """Opt-out words (退订词) of one language: `whole` replies, `first` words, and phrases `anywhere` in a reply.

    All are written in lower case, without spaces and punctuation: so they are compared.
    """

    whole: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()
    anywhere: tuple[str, ...] = ()


_EN_ANYWHERE = (
    "optout",
    "unsubscribe",
    "stopcalling",
    "stopmessaging",
    "stoptexting",
    "donotcall",
    "dontcall",
    "donotcontact",
    "dontcontact",
    "removemefrom",
    "takemeoff",
    "revokemyconsent",
    "revokeconsent",
)
_ZH_ANYWHERE = (
    "退订",
    "退訂",
    "拒收",
    "拒绝来电",
    "拒絕來電",
    "谢绝来电",
    "謝絕來電",
    "别再打",
    "別再打",
    "别再联系",
    "別再聯絡",
    "不要再打",
    "不要再联系",
    "不要再聯絡",
    "不要打电话",
    "不要打電話",
    "停止来电",
    "停止营销",
)

OPT_OUT_WORDS: Mapping[WordChannel, Mapping[str, OptOutWords]] = {
    # 47 CFR 64.1200(a)(10) names stop, quit, end, revoke, opt out, cancel and unsubscribe.
    WordChannel.MESSAGE: {
        "en": OptOutWords(
            whole=frozenset({"stop", "stopall", "quit", "end", "revoke", "optout", "cancel", "unsubscribe"}),
            first=frozenset({"stop", "stopall", "unsubscribe", "revoke"}),
            anywhere=_EN_ANYWHERE,
        ),
        # The letters and figures that Chinese message centres ask for: 回T退订, TD退订, 拒收请回复R, 0000.
        "zh": OptOutWords(
            whole=frozenset({"t", "td", "r", "n", "qx", "tt", "0000", "00000", "取消", "停止", "退", "不要打", "勿扰"}),
            first=frozenset({"td"}),
            anywhere=_ZH_ANYWHERE,
        ),
    },
    WordChannel.VOICE: {
        "en": OptOutWords(anywhere=_EN_ANYWHERE),
        "zh": OptOutWords(anywhere=_ZH_ANYWHERE),
    },
}
"""Refusals by channel and language. A doubtful reply counts as a refusal: that error costs a call, the other trust."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """Opt-out (退订) that was read: the word of the list, and its language."""

    word: str
    language: str


_NOT_A_WORD = re.compile(r"[\W_]+")


def reads_as_optout(text: str, channel: WordChannel = WordChannel.MESSAGE) -> OptOut | None:
    """The word by which this reply refuses further calls; None where it says something else.

    Width, case, spaces, punctuation and invisible marks do not matter. Every language is looked at: people answer
    in their own, whatever we wrote to them.
    """
    shown = unicodedata.normalize("NFKC", text[:OPT_OUT_CHARS_MAX]).casefold()
    shown = "".join(char for char in shown if unicodedata.category(char) != "Cf").replace("'", "").replace("’", "")
    words = _NOT_A_WORD.sub(" ", shown).split()
    if not words:
        return None
    joined = "".join(words)
    for language, known in OPT_OUT_WORDS[channel].items():
        if joined in known.whole:
            return OptOut(joined, language)
        if words[0] in known.first:
            return OptOut(words[0], language)
        for phrase in known.anywhere:
            if phrase in joined:
                return OptOut(phrase, language)
    return None
