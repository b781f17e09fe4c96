"""A text that would pass in the place of one that does not: made from sign, purpose, industry and what may stay.

Candidates are tried in order, and the first that the whole check lets pass is taken: no suggestion is ever refused.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from baitie.domain.namecard.characters import amount_in, link_in
from baitie.domain.namecard.parsing import with_sign
from baitie.domain.namecard.purposes import CLAUSE, Opening, PurposeWords
from baitie.domain.namecard.template import NameCardTemplate
from baitie.domain.namecard.words import CardWords, Severity
from baitie.kernel.purpose import Purpose

_ENDS = "，。；！？：、,;!?. "
_FRAME = str.maketrans("", "", "【】[]")
_ANNOUNCES = re.compile(r"致电|来电|致電|來電|\bcall", re.IGNORECASE)
_FORMS = re.compile(r"(?:股份|有限|责任|責任)*公司$|^.*人民政府|^.{2,3}?(?:省|自治区|特别行政区)|^.{2,3}?市|^.{2,4}?区")


def text_instead(
    template: NameCardTemplate,
    verified_sign: str,
    words: CardWords,
    plain: Callable[[str], str],
    is_passing: Callable[[NameCardTemplate, str], bool],
) -> str | None:
    """A whole card, with its sign, that passes; `None` where none of the candidates does.

    `plain` gives a text in simplified characters; `is_passing` asks the check about a template under a verified sign.
    """
    if words.stating is None:
        return None
    industry = words.industry_of(verified_sign, template.industry)
    opening = words.stating.opening(template.purpose, template.language, industry)
    if opening is None:
        return None
    texts = list(dict.fromkeys(_texts(template, words, words.stating, opening, plain)))
    for sign in (verified_sign, *_shorter(verified_sign)):
        for text in texts:
            card = with_sign(replace(template, parts=(text,), slots={}), sign)
            if is_passing(card, sign):
                return card.text
    return None


def _texts(
    template: NameCardTemplate,
    words: CardWords,
    stating: PurposeWords,
    opening: Opening,
    plain: Callable[[str], str],
) -> Iterator[str]:
    comma, stop = ("，", "。") if template.language.startswith("zh") else (", ", ". ")
    kept = [clause for clause in _clauses(template) if _may_stay(clause, template, words)]
    telling = [clause for clause in kept if stating.says_something(plain(clause))]
    calming = next((clause.strip(_ENDS) for clause in kept if stating.reassures(plain(clause))), "")
    body = "".join(telling).strip(_ENDS)
    if body and stating.is_stated(plain(body), template.purpose):
        said = body if _ANNOUNCES.search(body) else _announced(body, template.language)
        if template.purpose is Purpose.ACQUISITION and not stating.tells_refusal(plain(said)):
            yield f"{said}{stop}{opening.ending}".strip()
        yield f"{said}{comma}{calming}{stop}".strip() if calming else f"{said}{stop}".strip()
    if body:
        yield f"{opening.text}{stop}{body}{stop}".strip()
    if calming:
        yield f"{opening.text}{comma}{calming}{stop}".strip()
    yield f"{opening.text}{stop}{opening.ending}".strip()
    yield f"{opening.text}{stop}".strip()


def _announced(body: str, language: str) -> str:
    begins = {"zh-CN": "即将致电：", "zh-HK": "稍後將致電："}.get(language, "will call shortly: ")
    return f"{begins}{body}"


def _clauses(template: NameCardTemplate) -> list[str]:
    """The clauses of the text; those with slots are left out, for they are no finished text."""
    body = template.body(lambda name: f"{{{name}}}").replace(template.sign, "").translate(_FRAME)
    return [clause for clause in CLAUSE.findall(body) if "{" not in clause]


def _may_stay(clause: str, template: NameCardTemplate, words: CardWords) -> bool:
    if amount_in(clause) or link_in(clause):
        return False
    industry = words.industry_of(template.sign, template.industry)
    found = words.found(clause, template.purpose, industry, template.sign)
    return all(kind.severity is not Severity.ERROR and kind.code != "deadline" for kind, _ in found)


def _shorter(sign: str) -> Iterator[str]:
    """Shorter forms of a sign that is too long or bears a legal form: each of them must be verified before its use."""
    shorter = sign
    while (found := _FORMS.search(shorter)) is not None and found[0] != shorter:
        shorter = shorter[found.end() :] if found.start() == 0 else shorter[: found.start()]
        yield shorter
