"""Opt-outs by words: which replies of a callee mean "do not call me", by channel and language."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from baitie.kernel.sms_text import is_ordinary_text

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
    "nomorecalls",
    "nevercallme",
    "nevercallagain",
    "stopsending",
    "leavemealone",
)
_ZH_ANYWHERE = (
    "退订",
    "退訂",
    "取消订阅",
    "取消訂閱",
    "拒收",
    "拒绝来电",
    "拒絕來電",
    "谢绝来电",
    "謝絕來電",
    "别打了",
    "別打了",
    "别打来",
    "別打來",
    "别再打",
    "別再打",
    "别给我打",
    "別給我打",
    "别打给我",
    "別打給我",
    "别打电话",
    "別打電話",
    "别来电",
    "別來電",
    "别再来电",
    "別再來電",
    "别再联系",
    "別再聯絡",
    "别再发",
    "別再發",
    "别骚扰",
    "別騷擾",
    "别打扰",
    "別打擾",
    "不要打了",
    "不要打来",
    "不要打來",
    "不要打给我",
    "不要打給我",
    "不要给我打",
    "不要給我打",
    "不要再打",
    "不要再联系",
    "不要再聯絡",
    "不要再发",
    "不要再發",
    "不要打电话",
    "不要打電話",
    "不要来电",
    "不要來電",
    "不要再来电",
    "不要再來電",
    "不要骚扰",
    "不要騷擾",
    "不要打扰",
    "不要打擾",
    "勿打扰",
    "勿打擾",
    "勿来电",
    "勿來電",
    "勿再来电",
    "勿再來電",
    "勿再打",
    "勿致电",
    "勿致電",
    "停止来电",
    "停止來電",
    "停止骚扰",
    "停止騷擾",
    "停止拨打",
    "停止撥打",
    "停止营销",
    "停止營銷",
)
_ZH_LETTERS = ("t", "td", "tt", "r", "n", "qx")
_NO_REFUSAL = re.compile("[特分区區个個级級性类類告][别別]|要不要打")
"""别 at the end of another word (特别, 分别 …), and 要不要打, which asks."""

OPT_OUT_WORDS: Mapping[WordChannel, Mapping[str, OptOutWords]] = {
    # 47 CFR 64.1200(a)(10) names stop, quit, end, revoke, opt out, cancel and unsubscribe.
    WordChannel.MESSAGE: {
        "en": OptOutWords(
            whole=frozenset(
                {"stop", "stopall", "stopit", "stopnow", "pleasestop", "plsstop", "quit", "end", "revoke", "optout"}
                | {"cancel", "unsub", "unsubscribe"}
            ),
            first=frozenset({"stop", "stopall", "unsubscribe", "revoke"}),
            anywhere=_EN_ANYWHERE,
        ),
        # The letters and figures that Chinese message centres ask for: 回T退订, TD退订, 拒收请回复R, 0000.
        "zh": OptOutWords(
            whole=frozenset(
                {"0000", "00000", "取消", "取消吧", "停止", "退", "不要打", "别打", "別打", "勿扰", "勿擾"}
                | {before + letters for before in ("", "回", "回复", "回覆") for letters in _ZH_LETTERS}
            ),
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


def refusal_in(readings: Sequence[str]) -> OptOut | None:
    """The refusal in a reply of which we cannot be sure how it is to be read: `readings` are the texts that its octets
    may be, likeliest first.

    Each is asked. A word of one or two letters is easily made by chance (中 in UTF-16 is N- in ASCII), so it counts in
    another reading than the first only where the first is no ordinary text, and this one is.
    """
    is_doubtful = not readings or not is_ordinary_text(readings[0])
    for place, reading in enumerate(readings):
        found = reads_as_optout(reading)
        if found is not None and (not place or _is_long(found.word) or (is_doubtful and is_ordinary_text(reading))):
            return found
    return None


def _is_long(word: str) -> bool:
    return len(word) > 2 or (len(word) == 2 and not word.isascii())


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
    joined = _NO_REFUSAL.sub(" ", "".join(words))
    for language, known in OPT_OUT_WORDS[channel].items():
        if joined in known.whole:
            return OptOut(joined, language)
        if words[0] in known.first:
            return OptOut(words[0], language)
        for phrase in known.anywhere:
            if phrase in joined:
                return OptOut(phrase, language)
    return None
