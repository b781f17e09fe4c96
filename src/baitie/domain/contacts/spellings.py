"""How people write telephone numbers into cells: labels, notes, brackets, extensions, several at once."""

import re
import unicodedata

_NO_DIGIT = re.compile(r"\D")
WHOLE_NUMBER_DIGITS_MIN = 7
"""Fewer digits are no number of a person without an area code."""

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−_ー─⁃﹣~·・", "-"))
_LABELS = (
    *(
        "被叫号码",
        "被叫",
        "联系人电话",
        "联系电话",
        "联系方式",
        "电话号码",
        "手机号码",
        "手机号",
        "手机",
        "电话",
        "号码",
    ),
    *("移动电话", "固定电话", "固话", "座机", "本人", "家庭电话", "单位电话", "收件人电话", "收货人电话", "客户电话"),
    *("telephone number", "telephone", "phone number", "phone no", "phone", "mobile number", "mobile phone", "mobile"),
    *("cell phone", "cellphone", "cell", "contact number", "number", "msisdn", "callee", "callto", "tel", "mob", "ph"),
    *("t", "m", "p", "h"),
)
_LABEL = re.compile(
    rf"^(?:{'|'.join(map(re.escape, _LABELS))})\s*(?:\([^()\d]*\)|\[[^\[\]\d]*\])?\s*[:.=-]*\s*(?=[+(\d])",
    re.IGNORECASE,
)
_MEANINGLESS = {"Cf": "", "So": " ", "Mn": ""}
"""By category: invisible marks, pictures such as a telephone, and what belongs to them."""

_MASKS = "●○◦■█◆□◯"
_SIGN_BEHIND = re.compile(r"(?<=\d)[*#]$")
_COUNTRY_BRACKETED = re.compile(r"^[(\[]\s*((?:\+|00)\d{1,3})\s*[)\]]\s*")
_FRACTION = re.compile(r"(?<=\d)\.0+$")
_EDGES = " \t\r\n'\"`,;:、。.!?|/\\<>《》“”‘’·…-"
_NOTE = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】|\{([^{}]*)\}|<([^<>]*)>|《([^《》]*)》")
_NOTE_DIGITS_MAX = 4
_MASKED = re.compile(r"\d[\d\s()-]*(?:[*•●·×∗＊○◦■█◆□◯?]{2,}|[xX#]{3,}|-{3,}|\.{3,})[\d\s-]*\d|\d{3,}[*•●×＊xX]{3,}")
_EXTENSION_WORDS = (
    r"(?:[转轉]接?|分[机機][号號]?码?|[内內][线線]|(?:然?[后後])?[请請]?再?[按拨撥]|加[拨撥]|接|至|隐私号|小号|密码|验证码"
    r"|extension|extn?\.?#?|int(?:ern)?\.?|poste|option|opt\.?|press|pin|dw)"
)
_WORDED_EXTENSION = re.compile(
    rf"^(?P<number>.*\d[)\s]*)(?:(?:{_EXTENSION_WORDS}\s*[:.=]?\s*){{1,2}}|;\s*ext\s*=|x|#|\*|,+|;|p|w)\s*"
    r"(?P<extension>\d{1,6})#?$",
    re.IGNORECASE,
)
_EXTENSION_BEHIND = re.compile(rf"[\s,;()-]*{_EXTENSION_WORDS}[\s:.=]*(\d{{1,6}})(?!\d)", re.IGNORECASE)
_EXTENSION_IN_BRACKETS = re.compile(r"^(?P<number>[^()]*(?:\([^()]*\)[^()]*)?\d)\s*\((?P<extension>\d{1,6})\)$")
_ANY_EXTENSION_WORD = re.compile(_EXTENSION_WORDS, re.IGNORECASE)
_EXTENSION_BEFORE = re.compile(
    r"(\d{1,6})\s*[转轉]|(?:[转轉]|分[机機]|[内內][线線]|隐私号|小号|密码|\bext)\D{0,3}(\d{1,6})(?!\d)", re.IGNORECASE
)
_MAY_BE_EXTENSION = re.compile(r"(?<!\d)\d{3,6}(?![\d年月日室元栋幢楼])")
"""Among words behind a number: too long for a count, and no year, room or price."""

_HAN_DIGITS = str.maketrans("〇零一二三四五六七八九幺", "001234567891")
_BRACKETED_EXTENSION = re.compile(rf"^\s*{_EXTENSION_WORDS}\s*[:.=]?\s*\d{{1,6}}\s*$", re.IGNORECASE)
_TAIL = re.compile(r"^(?P<number>.*\d)[-\s]+(?P<extension>\d{1,6})$")
_SEPARATOR = re.compile(r"[,;、|\n/\\&]|或者?|和|以及|及|\bor\b|\band\b", re.IGNORECASE)
_RANGE_SIGN = re.compile(r"(?P<word>-+>|→|\.{2,}|[至到]|\bto\b|\bthru\b|\bthrough\b)|-+", re.IGNORECASE)
_NUMBER_CHARS = re.compile(r"[\d\s()+.-]*")
_RANGE_DIGITS = 5
"""A range runs within the last digits: at most a hundred thousand numbers, which is more than one block."""

_RANGE_TAIL_DIGITS_MIN = 2

_RUN = re.compile(r"\+?\(?\d[\d\s().+-]*")
_TOUCHING = re.compile(r"[A-Za-z@_]")


def cleaned(written: str) -> str:
    """Without what carries no meaning: full width, invisible marks, quotes, a label in front, Excel's `.0`."""
    text = written.strip()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if not text.isascii():  # still: no ASCII character is of those categories
        text = "".join(
            [char if char in _MASKS else _MEANINGLESS.get(unicodedata.category(char), char) for char in text]
        )
    text = text.removeprefix("=")
    text = text.translate(_DASHES).strip(" \t\r\n'\"`")
    text = _SIGN_BEHIND.sub("", _COUNTRY_BRACKETED.sub(r"\1 ", _FRACTION.sub("", text)))
    text = _LABEL.sub("", text.strip(_EDGES), count=1).strip(_EDGES)
    return _FRACTION.sub("", text)


def is_range(text: str) -> bool:
    """Whether two numbers stand for all between them: `13800138000-13800138009`, `…8000 至 …8009`."""
    for sign in _RANGE_SIGN.finditer(text):
        before, behind = text[: sign.start()], text[sign.end() :]
        first, last = _NO_DIGIT.sub("", before), _NO_DIGIT.sub("", behind)
        size = len(last)
        is_long = size >= (_RANGE_TAIL_DIGITS_MIN if sign["word"] else WHOLE_NUMBER_DIGITS_MIN)
        if (
            not is_long
            or len(first) < max(size, WHOLE_NUMBER_DIGITS_MIN)
            or not _NUMBER_CHARS.fullmatch(before + behind)
        ):
            continue
        end = first[-size:]
        if end < last and end[:-_RANGE_DIGITS] == last[:-_RANGE_DIGITS]:
            return True
    return False


def is_masked(text: str) -> bool:
    """Whether a platform has hidden the middle of the number: `138****5678`."""
    return _MASKED.search(text) is not None


def without_notes(text: str) -> str:
    """Without remarks in brackets; brackets around an area code stay."""

    def kept(found: re.Match[str]) -> str:
        inside: str = next(group for group in found.groups() if group is not None)
        has_words = any(char.isalpha() for char in inside)
        if _BRACKETED_EXTENSION.match(inside) or (has_words and _extension_in(text[: found.start()], inside)):
            is_behind = any(char.isdigit() for char in text[: found.start()])
            return f" {inside} " if is_behind else f"{inside}转"  # so that its digits do not run into the number's
        return " " if has_words and _digits(inside) <= _NOTE_DIGITS_MAX else found[0]

    return _NOTE.sub(kept, text).strip(_EDGES)


def worded_extension(text: str) -> tuple[str, str] | None:
    """Number and extension where a word or sign stands between them: `转8001`, `ext 8001`, `*8001`, `,8001`."""
    found = _WORDED_EXTENSION.fullmatch(text) or _EXTENSION_IN_BRACKETS.fullmatch(text)
    if found is None or _digits(found["number"]) < WHOLE_NUMBER_DIGITS_MIN:
        return None
    return found["number"].strip(_EDGES), found["extension"]


def tail(text: str) -> tuple[str, str] | None:
    """A number, and a few digits behind the last dash or space: an extension where the whole is no number."""
    found = _TAIL.fullmatch(text)
    if found is None or _digits(found["number"]) < WHOLE_NUMBER_DIGITS_MIN:
        return None
    return found["number"], found["extension"]


def pieces(text: str) -> list[str]:
    """The numbers of a cell that holds several, each as it stands; at most one where it holds one."""
    parts = [part.strip(_EDGES) for part in _SEPARATOR.split(text)]
    parts = [part for part in parts if any(char.isdigit() for char in part)]
    return [piece for part in parts for piece in _apart(part)]


def _apart(part: str) -> list[str]:
    """A part between separators, cut once more where words or spaces stand between whole numbers."""
    for cut in (part.split(), [run[0].strip(_EDGES) for run in _RUN.finditer(part)]):
        whole = [piece for piece in cut if _digits(piece) >= WHOLE_NUMBER_DIGITS_MIN]
        if len(whole) > 1:
            return whole
    return [part]


def only_run(text: str) -> tuple[str, str] | None:
    """The one number among words, such as a name beside it, and the extension that words behind it name.

    None where there are several, or letters touch it.
    """
    runs = list(_RUN.finditer(text))
    found = [run for run in runs if _digits(run[0]) >= WHOLE_NUMBER_DIGITS_MIN]
    if len(found) != 1 or sum(_digits(run[0]) for run in runs) - _digits(found[0][0]) > _NOTE_DIGITS_MAX:
        return None
    run = found[0]
    before, behind = text[: run.start()].rstrip("-")[-1:], text[run.start() + len(run[0].rstrip()) :][:1]
    if _TOUCHING.match(before) or _TOUCHING.match(behind):
        return None
    return run[0].strip(_EDGES), _extension_in(run[0], text[run.end() :]) or _extension_before(text[: run.start()])


def _extension_in(number: str, behind: str) -> str:
    """What among the words behind a number is, or may be, the way on to the person; blank where nothing is.

    The number's own last digits (尾号) are none.
    """
    if named := _EXTENSION_BEHIND.match(behind.lstrip()):
        return named[1]
    own = _NO_DIGIT.sub("", number)
    found = (digits for digits in _MAY_BE_EXTENSION.findall(behind) if not own.endswith(digits))
    if (digits := next(found, None)) is not None:
        return str(digits)
    word = _ANY_EXTENSION_WORD.search(behind)
    spoken = word and re.match(r"\D{0,3}?(\d{1,6})", behind[word.end() :].translate(_HAN_DIGITS))
    return spoken[1] if spoken else ""


def _extension_before(before: str) -> str:
    """`8001转` and `分机8001：` in front of a number."""
    found = _EXTENSION_BEFORE.search(before)
    return (found[1] or found[2]) if found else ""


def _digits(text: str) -> int:
    return len(_NO_DIGIT.sub("", text))
