"""Wishes about hours (时段意愿) in the words of a list: they say when somebody may be called, and refuse nothing."""

import re
from collections.abc import Iterator

_VERB = r"(?:打扰|打擾|扰|擾|打电话|打電話|打|拨打?|撥打?|致电|致電|来电|來電|联系|聯絡|回访|回訪)"
_NO = r"(?:请勿|請勿|勿|别|別|不要|免)(?!再)"
_CLOCK = (
    r"\d{1,2}\s?:\s?\d\d|\d{1,2}\s?[点點时時](?:半|钟|鐘)?|[一二两兩三四五六七八九十]{1,3}[点點](?:半|钟|鐘)?"
    r"|\d{1,2}(?=\s?[-~至到]\s?\d)"
)
_PART_OF_DAY = (
    r"午休|午睡|午[饭飯]|中午|午[间間]|正午|上午|早上|早晨|清晨|一早|下午|午[后後]|傍晚|晚上|晚[间間]|夜里|夜[间間]|深夜|凌晨|白天|周末|週末|双休日?"
    r"|[节節]假日|工作日|(?:周|週|星期|[礼禮]拜)[一二三四五六七日天1-7]{1,2}|上班|下班|上[课課]|[办辦]公|工作[时時][间間]|休息|睡[觉覺]|吃[饭飯]|[饭飯][点點]|用餐"
    r"|[开開][会會]|[开開][车車]|手[术術]|值班"
)
_FILLING = (
    r"期[间間]|[时時](?:[间間]段?|段|候)|之?[后後]|以[后後]|之?前|以前|左右|[这這]段|内|內|里|中|在|于|於|本人|千万|尽量|最好|麻烦|请|請|给我|不方便|没空|有事"
    r"|[\s,、:~\-–—至到和及与與或]"
)
_WORD = re.compile(
    rf"(?P<not>{_NO}{_VERB}(?!了|[过過]))|(?P<no>{_NO})|(?P<time>{_CLOCK}|{_PART_OF_DAY})|(?P<filling>{_FILLING})"
    rf"|(?P<called>再?{_VERB}(?![过過了的来來时時未无無没])|方便|有空|可接|能接|接听|接聽)|(?P<other>.)",
    re.DOTALL,
)
_NOT_BEHIND = re.compile(
    rf"{_NO}{_VERB}(?:[时時](?:[间間]段?|段))?[:(]\s?(?:{_CLOCK}|{_PART_OF_DAY})(?:[-~至到、,和及\s](?:{_CLOCK}|{_PART_OF_DAY}))*"
)
_ENGLISH_TIME = (
    r"(?:(?:in|at|on|during)\s+)?(?:the\s+)?(?:mornings?|afternoons?|evenings?|nights?|noon|midday|lunch|week-?ends?|weekdays?|holidays?"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:work|working|office|business|school)\s+hours?)\b"
    r"|(?:(?:before|after|until|till|from|between|at)\s+)?\d{1,2}(?::\d\d)?\s?(?:[ap]\.?m\b|o'?clock\b|h\b|(?:-|to|until|and)\s?\d{1,2}(?!\d))"
    r"|(?:before|after|until|till)\s+\d{1,2}(?::\d\d)?\s?(?:$|[,.;])"
)
_ENGLISH_NOT = re.compile(
    rf"(?:do\s?n[o']?t|do\s+not|never|no)\s+(?:calls?|contact|phone|ring|disturb)(?:\s+me)?\s+(?:{_ENGLISH_TIME})"
)
_ENGLISH_THEN = re.compile(rf"\b(?:call|contact|phone|ring|reach)(?:\s+me)?\s+(?:only\s+)?(?:{_ENGLISH_TIME})")
_TIME_SIGN = re.compile(
    r"[0-9０-９点點时時午晨早晚夜昼班休末周週期拜假日课課公工睡吃用饭飯餐会會车車术術值白]|noon|midday|morn|even|night|lunch|week|day|hour",
    re.IGNORECASE,
)
"""Without one of these a text names no hours; most remarks have none, and then nothing else is looked for."""

_ALWAYS = re.compile(r"任何[时時]|全天|一直|永[远遠]|以[后後]都|再也")
_WHOLE_DAYS = tuple(
    tuple(map(re.compile, parts))
    for parts in (("白天", "[晚夜]"), ("工作日", "[周週]末"), ("上午|早", "下午|午[后後]", "[晚夜]"))
)
_CHARS_MAX = 500
"""As long as the longest cell that a row may hold."""


def may_name_hours(written: str) -> bool:
    """Whether a text, as it stands, may name hours at all: a quick look before it is read closely."""
    return _TIME_SIGN.search(written) is not None


def wish_in(plain: str) -> str:
    """The words of a remark that ask for some hours, or against some; blank where none do.

    `plain` is in lower case and of common width, as `forbidding` writes it.
    """
    if not _may_be_wish(plain):
        return ""
    for begin, end in _wishes(plain):
        return plain[begin:end].strip()
    found = _NOT_BEHIND.search(plain) or _ENGLISH_NOT.search(plain) or _ENGLISH_THEN.search(plain)
    return found[0].strip() if found else ""


def without_wishes(plain: str) -> str:
    """The remark without what is asked of certain hours only, so that the rest can be asked for a refusal."""
    if not _may_be_wish(plain):
        return plain
    kept, at = "", 0
    for begin, end in _wishes(plain):
        kept, at = kept + plain[at:begin] + " ", end
    return _ENGLISH_NOT.sub(" ", _NOT_BEHIND.sub(" ", kept + plain[at:]))


def is_time_only(plain: str) -> bool:
    """Whether a cell holds nothing but hours: `12:00-14:00`, `中午`."""
    kinds = {found.lastgroup for found in _WORD.finditer(plain)} if _may_be_wish(plain) else set()
    return "time" in kinds and kinds <= {"time", "filling"}


def _may_be_wish(plain: str) -> bool:
    """Hours that together are the whole day, or the whole week, are a refusal in full."""
    if len(plain) > _CHARS_MAX or not _TIME_SIGN.search(plain) or _ALWAYS.search(plain):
        return False
    return not any(all(part.search(plain) for part in parts) for parts in _WHOLE_DAYS)


def _wishes(plain: str) -> Iterator[tuple[int, int]]:
    """Where wishes begin and end: times before a word for calling or for leaving in peace, or after a plain no."""
    begin: int | None = None  # where the times began, or the no before them
    has_time = False
    for word in _WORD.finditer(plain):
        kind = word.lastgroup
        if kind == "time":
            begin, has_time = word.start() if begin is None else begin, True
        elif kind == "no" and not has_time:
            begin = word.start()
        elif has_time and begin is not None and (kind in ("not", "called")):
            yield begin, word.end()
            begin, has_time = None, False
        elif kind != "filling" and not (kind == "no" and has_time):
            begin, has_time = None, False
