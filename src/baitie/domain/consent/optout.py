"""Opt-outs by words: which replies of a callee mean "do not call me", by channel and language."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from baitie.kernel.sms_text import is_ordinary_text

OPT_OUT_CHARS_MAX = 2000
"""Nobody writes a refusal longer than this; what comes after is not read."""

OPT_OUT_LINES_MAX = 8
"""Of these lines each is asked alone too."""


class WordChannel(StrEnum):
    """Where the words come from (来言渠道)."""

    MESSAGE = "message"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class OptOutWords:
    """Opt-out words (退订词) of one language: `whole` replies, `first` words, and phrases `anywhere` in a reply.

    All are written in lower case, without spaces and punctuation: so they are compared. `spaced` are patterns of words
    with one space between them, `joined` of the reply without spaces: what people put together in more ways than a
    list has room for.
    """

    whole: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()
    anywhere: tuple[str, ...] = ()
    spaced: re.Pattern[str] | None = None
    joined: re.Pattern[str] | None = None


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
_ZH_LETTERS = ("t", "td", "tt", "r", "n", "qx", "0000")
_ZH_PLEASE = ("", "请", "請", "我", "我要", "我想", "帮我", "幫我", "麻烦", "麻煩")
_ZH_AFTER = ("", "吧", "了", "啦", "谢谢", "謝謝", "一下", "谢谢你", "多谢", "多謝")
_ZH_NO = frozenset(
    {"取消", "停止", "停", "停发", "停發", "拒", "拒绝", "拒絕", "拒接", "谢绝", "謝絕", "婉拒", "不同意", "不接受"}
    | {
        "不需要",
        "唔要",
        "唔需要",
        "勿扰",
        "勿擾",
        "免打扰",
        "免打擾",
        "勿电",
        "勿電",
        "注销",
        "注銷",
        "退",
    }
)
_NO_REFUSAL = re.compile(
    "[特分区區个個级級性類类告差送辨][别別]|(?:要不|用不|想不|需不需|需要不需|希不希)(?=[要用想望])[要用想望]?"
)
"""别 at the end of another word (特别, 分别 …), and questions: 要不要打, 用不用再打."""

_ZH_DO_NOT = "[别別勿咪甭]|不要|不用|不必|不需要|不准|不许|不許|无需|無需|唔好|唔使|停止|拒绝|拒絕|谢绝|謝絕|婉拒"
_ZH_BETWEEN = "(?:[再在又老总總来來继繼续續乱亂]|一直|[给給对對向跟与與同俾畀]我们?|[给給对對向跟与與同俾畀]我們?){0,4}"
_ZH_CALL = (
    "打(?:$|[了来來嚟扰擾俾畀我给給电電手骚騷])|[拨撥]|来[电電]|來電|致[电電]|[电電][话話](?!号|號)|[联聯][系络絡繫]"
    "|[发發](?:$|[了来來短信消这這我送])|[骚騷][扰擾]|打[扰擾]|[烦煩](?![恼惱])|[吵嘈搵]|推[销銷送广廣]"
    "|[营營][销銷]|短[信訊]|call|[发發]?[信讯訊]息"
)
_ZH_JOINED = re.compile(
    "(?=[别別勿咪甭不无無唔停拒谢謝婉以取删刪从從把加入进進再撤没沒骚騷推退t])"  # fails fast where nothing begins
    f"(?:(?:{_ZH_DO_NOT}){_ZH_BETWEEN}(?:{_ZH_CALL})"
    f"|(?:[别別勿]|不要|不用|不必|不需要|唔好|唔使|咪)[再在](?:{_ZH_BETWEEN})[打发發拨撥](?![折包印开開])"
    "|以[后後](?:[别別勿]|不[要用])打|不(?:想|希望|愿意|願意)再?[接收]到?(?=$|.{0,6}(?:[电電][话話]|来[电電]|來電|短[信訊]|了))"
    "|取消(?:[营營][销銷]|短[信訊]|推[送销銷广廣]|通知|接收|来[电電]|來電|[订訂][购購]|登[记記]|授[权權]|同意)"
    "|[删刪](?:除|掉|了)?我的?(?=.{0,3}(?:号|號|[电電][话話]|信息|手机|手機|名))|[从從]名[单單](?=.{0,2}[删刪移])"
    "|把(?:我|[这這]个?[号號])(?=.{0,20}(?:[删刪]|移除|拉黑|除名))|(?:加入?|[进進])黑名[单單]"
    "|再(?:打|[发發]|[骚騷][扰擾]|来[电電]|來電)(?=.{0,20}(?:投[诉訴]|[报報]警|[举舉][报報]))"
    "|撤[回销銷](?:我的?)?(?:同意|授[权權])|不再同意|(?:不感|[没沒]有?)[兴興]趣|[骚騷][扰擾]电[话話]|推订|退定|退[阅閱]|tuiding)"
)
_EN_SPACED = re.compile(
    r"\b(?=[dnsqcpreowluft])(?:(?:do not|dont|never|stop|quit|cease|no more|please no)"
    r"(?: (?:ever|again|keep|fucking|bloody|damn|all|these|the"
    r"|your|trying to|to))*"
    r" (?:call(?:s|ing)?|text(?:s|ing)?|messag(?:es?|ing)|msgs?|contact(?:s|ing)?|sms|phon(?:e|ing)|ring(?:ing)?"
    r"|send(?:ing)?|spam(?:ming)?|bother(?:ing)?|harass(?:ing)?)\b(?! (?:later|until|before|yet))"
    r"|(?:remove|delete|erase) (?:me|my (?:phone |mobile |cell )?(?:number|name|info|data|details)|this number)\b"
    r"|opt (?:me )?out\b|(?:withdraw|revoke) (?:my |all )?consent\b|not? interested\b|lose my number\b"
    r"|unsub(?!st)|unsus?cri|unscrib|(?:fuck|piss) off\b)"
    r"|^(?:please |pls )?no (?:calls?|texts?|messages?|sms|contact)(?: please| pls| thanks)?$"
    r"|(?:^|\b(?:please|pls|thanks|thank you|thx|ok|just) )stop(?: (?:please|pls|now|thanks|it|this|that|all))*$"
)
_ZH_MESSAGE = re.compile(
    _ZH_JOINED.pattern + "|^td(?![a-z])" + "|^(?:请|請)?(?:短信)?(?:回[复覆]?|[复覆]|[发發]送?)?(?:td|tt|qx|[trn]|0000)"
    "(?=谢谢|謝謝|多谢|多謝|退|拒|[别別勿请請]|不要|$)"
)
"""With the letters that centres ask for, and what people write behind them."""

OPT_OUT_WORDS: Mapping[WordChannel, Mapping[str, OptOutWords]] = {
    # 47 CFR 64.1200(a)(10) names stop, quit, end, revoke, opt out, cancel and unsubscribe.
    WordChannel.MESSAGE: {
        "en": OptOutWords(
            whole=frozenset(
                {"stop", "stopall", "stopit", "stopnow", "pleasestop", "plsstop", "quit", "end", "revoke", "optout"}
                | {
                    "cancel",
                    "unsub",
                    "unsubscribe",
                    "stopp",
                    "remove",
                    "cease",
                    "donotdisturb",
                    "nevercall",
                    "pleasecancel",
                }
            ),
            first=frozenset({"stop", "stopall", "stopp", "stop2end", "unsubscribe", "revoke", "cease"}),
            anywhere=_EN_ANYWHERE,
            spaced=_EN_SPACED,
        ),
        # The letters and figures that Chinese message centres ask for: 回T退订, TD退订, 拒收请回复R, 0000.
        "zh": OptOutWords(
            whole=frozenset(
                {
                    "00000",
                    "000000",
                    "不要打",
                    "别打",
                    "別打",
                    "请别打",
                    "請別打",
                    "滚",
                    "滾",
                    "滚蛋",
                    "qxdy",
                    "qxtd",
                    "tdqx",
                }
                | {please + word + after for please in _ZH_PLEASE for word in _ZH_NO for after in _ZH_AFTER}
                | {before + letters for before in ("", "回", "回复", "回覆") for letters in _ZH_LETTERS}
            ),
            first=frozenset({"td"}),
            anywhere=_ZH_ANYWHERE,
            joined=_ZH_MESSAGE,
        ),
    },
    WordChannel.VOICE: {
        "en": OptOutWords(anywhere=_EN_ANYWHERE, spaced=_EN_SPACED),
        "zh": OptOutWords(anywhere=_ZH_ANYWHERE, joined=_ZH_JOINED),
    },
}
"""Refusals by channel and language. A doubtful reply counts as a refusal: that error costs a call, the other trust."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """Opt-out (退订) that was read: the word of the list, and its language."""

    word: str
    language: str


_COURTESY = "谢谢|謝謝|多谢|多謝|感谢|感謝|辛苦|不好意思|抱歉|对不起|對不起|唔好意思|唔该|唔該"
_COURTESY_BEFORE = re.compile(
    f"^(?:(?:{_COURTESY}|[您你]好|好的?|嗯|哦|收到|知道|明白|麻[烦煩]|[请請]|劳驾|勞駕)[了您你啦哈啊]?"
    "|我(?:要|想|们|們)?|(?:短信)?(?:[回答][复覆]|回))+(?=.)"
)
_COURTESY_AFTER = re.compile(f"(?<=.)(?:(?:{_COURTESY}|麻[烦煩])[了您你啦]?|[吧了啦哈啊哦呀])+$")
_COURTESIES_TO_A_NAME = frozenset({"hi", "hello", "thank", "you", "thanks", "thx"})
_COURTESIES_EN = _COURTESIES_TO_A_NAME | {"sorry", "ok", "okay", "pls", "please"}
_SUBJECT_PREFIXES = frozenset({"re", "fw", "fwd"})
"""What people, and their programs, put before and behind a word that refuses, and that says nothing itself."""

_OWN_NUMBER_DIGITS_MIN = 7

_NOT_A_WORD = re.compile(r"[\W_]+")
_LINE_END = re.compile(r"[\r\n]+")
_SENTENCE_SIGNS = frozenset(" \r\n.,!?'\"-。，！？、…")


def refusal_in(readings: Sequence[str]) -> OptOut | None:
    """The refusal in a reply of which we cannot be sure how it is to be read: `readings` are the texts that its octets
    may be, likeliest first.

    Each is asked. A word of one or two letters is easily made by chance (中 in UTF-16 is N- in ASCII), so it counts in
    another reading than the first only where the first is no ordinary text, and this one is, without odd signs.
    """
    is_doubtful = not readings or not is_ordinary_text(readings[0])
    for place, reading in enumerate(readings):
        found = _refusal(reading, WordChannel.MESSAGE) if place else reads_as_optout(reading)
        if found is not None and (not place or _is_long(found.word) or (is_doubtful and _is_written(reading))):
            return found
    return None


def _is_written(reading: str) -> bool:
    """Whether it is an ordinary text that begins with a word, with no signs but those that end and divide sentences."""
    begins_with_word = reading.strip()[:1].isalnum()
    return (
        begins_with_word
        and is_ordinary_text(reading)
        and all(char.isalnum() or char in _SENTENCE_SIGNS for char in reading)
    )


def _is_long(word: str) -> bool:
    return len(word) > 2 or (len(word) == 2 and not word.isascii())


def reads_as_optout(text: str, channel: WordChannel = WordChannel.MESSAGE) -> OptOut | None:
    """The word by which this reply refuses further calls; None where it says something else.

    Width, case, spaces, punctuation and invisible marks do not matter. Every language is looked at: people answer
    in their own, whatever we wrote to them. The first lines are asked alone too: handsets add signatures and quote
    what is answered. A letter alone counts on the first line only; further down it is somebody's initial.
    """
    text = text[:OPT_OUT_CHARS_MAX]
    first, *others = _LINE_END.split(text.strip(), OPT_OUT_LINES_MAX)[:OPT_OUT_LINES_MAX]
    alone = [first, *(line for line in others if len(line.strip()) > 1)] if others else []
    for part in (text, *alone):
        found = _refusal(part, channel)
        if found is not None:
            return found
    return None


def _refusal(text: str, channel: WordChannel) -> OptOut | None:
    shown = unicodedata.normalize("NFKC", text).casefold()
    if not shown.isascii():
        shown = "".join(char for char in shown if unicodedata.category(char) != "Cf").replace("’", "")
    words = _NOT_A_WORD.sub(" ", shown.replace("'", "")).split()
    if not words:
        return None
    spaced, joined = " ".join(words), _NO_REFUSAL.sub(" ", "".join(words))
    bare = "" if _LINE_END.search(shown.strip()) else _bare(words)
    for language, known in OPT_OUT_WORDS[channel].items():
        if joined in known.whole:
            return OptOut(joined, language)
        if bare in known.whole:
            return OptOut(bare, language)
        if words[0] in known.first:
            return OptOut(words[0], language)
        for phrase in known.anywhere:
            if phrase in joined:
                return OptOut(phrase, language)
        found = (known.spaced and known.spaced.search(spaced)) or (known.joined and known.joined.search(joined))
        if found:
            return OptOut(found[0].strip(), language)
    return None


def _bare(words: Sequence[str]) -> str:
    """The reply without courtesies and without the callee's own number. A letter beside a greeting or thanks in English
    is the initial of somebody."""
    said = [word for word in words if not (word.isdigit() and len(word) >= _OWN_NUMBER_DIGITS_MIN)]
    if said and said[0] in _SUBJECT_PREFIXES:
        del said[0]
    core = "".join(word for word in said if word not in _COURTESIES_EN)
    bare = _COURTESY_AFTER.sub("", _COURTESY_BEFORE.sub("", core))
    return bare if len(bare) > 1 or _COURTESIES_TO_A_NAME.isdisjoint(said) else ""
