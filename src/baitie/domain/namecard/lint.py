"""What is wrong with a template before it is used: findings with severity, place and the values that explain them.

The whole check runs when a template is filed or changed. At sending `render` looks at the values and the length only:
a template that passed here fits one message whatever the values are.
"""

from collections.abc import Iterator
from dataclasses import replace

from baitie.domain.namecard.characters import folded, forbidden_char
from baitie.domain.namecard.dimensions import Industry
from baitie.domain.namecard.findings import INSTEAD, CardFinding, FindingCode, error, warning
from baitie.domain.namecard.lint_meaning import lint_meaning
from baitie.domain.namecard.look_alikes import NO_LOOK_ALIKES, LookAlikes, foreign_script
from baitie.domain.namecard.suggesting import text_instead
from baitie.domain.namecard.template import NameCardTemplate, SlotPlace, worst_case
from baitie.domain.namecard.words import CardWords, Severity
from baitie.kernel.sms_text import SmsEncoding

SIGN_CHARS_MIN = 2
SIGN_CHARS_MAX = 16
UNITS_ADVISED = 60
"""Of 70: vendors put a few characters of their own into some messages."""

FIXED_CHARS_MIN = 4
"""Letters and digits behind the sign that are the same for everybody: less says nothing that was approved."""


def lint(
    template: NameCardTemplate, verified_sign: str, words: CardWords, look_alikes: LookAlikes = NO_LOOK_ALIKES
) -> tuple[CardFinding, ...]:
    """Findings about a template of the enterprise whose verified brand is `verified_sign`; errors forbid its use.

    The first error about its words carries, as `instead`, a text that would pass, where one is found.
    """
    found = _findings(template, verified_sign, words, look_alikes)
    place = next((place for place, each in enumerate(found) if each.is_about_words), None)
    if place is None:
        return found
    instead = text_instead(
        template,
        verified_sign,
        words,
        look_alikes.plain,
        lambda card, sign: passes(_findings(card, sign, words, look_alikes)),
    )
    if instead is None:
        return found
    told = replace(found[place], values={**found[place].values, INSTEAD: instead})
    return (*found[:place], told, *found[place + 1 :])


def passes(findings: tuple[CardFinding, ...]) -> bool:
    """Whether none of the findings forbids the use of the template."""
    return all(finding.severity is not Severity.ERROR for finding in findings)


def _findings(
    template: NameCardTemplate, verified_sign: str, words: CardWords, look_alikes: LookAlikes
) -> tuple[CardFinding, ...]:
    found = [
        *_sign(template, verified_sign, words),
        *_length(template),
        *_characters(template),
        *_slots(template),
        *lint_meaning(template, words, look_alikes),
    ]
    return tuple(sorted(found, key=lambda finding: finding.severity is Severity.WARNING))


def _sign(template: NameCardTemplate, verified_sign: str, words: CardWords) -> Iterator[CardFinding]:
    sign = template.sign
    if not SIGN_CHARS_MIN <= len(sign) <= SIGN_CHARS_MAX:
        yield error(FindingCode.SIGN_LENGTH, "sign", chars=len(sign), least=SIGN_CHARS_MIN, most=SIGN_CHARS_MAX)
    is_spaced = not template.language.startswith("zh")
    symbol = next((char for char in sign if not (char.isalnum() or (char == " " and is_spaced))), None)
    if symbol is not None or sign != sign.strip():
        yield error(FindingCode.SIGN_SYMBOL, "sign", char=symbol or " ")
    if folded(sign) in words.neutral_signs:
        yield error(FindingCode.SIGN_NEUTRAL, "sign", sign=sign)
    if foreign := foreign_script(sign, template.language):
        yield error(FindingCode.SIGN_SCRIPT, "sign", char=foreign, language=template.language)
    industry = words.industry_of(sign, template.industry)
    if industry is not Industry.GOVERNMENT and words.authorities is not None and words.offices is not None:
        if (named := words.authorities.search(sign)) or (
            industry is not Industry.ANY and (named := words.offices.search(sign))
        ):
            yield error(FindingCode.SIGN_AUTHORITY, "sign", sign=sign, word=named[0], industry=industry.value)
        elif named := words.offices.search(sign):
            yield warning(FindingCode.SIGN_OFFICE, "sign", sign=sign, word=named[0])
    if sign != verified_sign:
        yield error(FindingCode.SIGN_UNVERIFIED, "sign", sign=sign, verified=verified_sign)


def _length(template: NameCardTemplate) -> Iterator[CardFinding]:
    worst = worst_case(template)
    facts: dict[str, str | int] = {
        "units": worst.units,
        "units_max": worst.units_max,
        "encoding": worst.encoding.value,
    }
    char = worst.offenders[0][0] if worst.offenders else ""
    index = template.text.index(char)
    if not worst.fits:
        yield error(FindingCode.TOO_LONG, "text", **facts, over=worst.units - worst.units_max)
    elif worst.encoding is SmsEncoding.UCS2 and worst.units > UNITS_ADVISED:
        yield warning(FindingCode.LONG, "text", **facts, advised=UNITS_ADVISED)
    if worst.encoding is SmsEncoding.GSM7 and char:
        yield error(FindingCode.NOT_IN_GSM7, "text", char=char, index=index)
    elif char and not template.language.startswith("zh"):
        yield warning(FindingCode.FORCES_UCS2, "text", char=char, index=index, units_max=worst.units_max)


def _characters(template: NameCardTemplate) -> Iterator[CardFinding]:
    for place, text in (("sign", template.sign), *(("text", part) for part in template.parts if isinstance(part, str))):
        found = forbidden_char(text)
        if found is not None:
            yield error(FindingCode.CHARACTER_FORBIDDEN, place, char=found[0], code_point=f"U+{ord(found[0]):04X}")
    if foreign := foreign_script(template.body(lambda _: ""), template.language):
        yield warning(FindingCode.TEXT_SCRIPT, "text", char=foreign, language=template.language)


def _slots(template: NameCardTemplate) -> Iterator[CardFinding]:
    used = {part.name for part in template.parts if isinstance(part, SlotPlace)}
    for name in template.slots:
        if name not in used:
            yield warning(FindingCode.SLOT_UNUSED, f"slots.{name}", slot=name)
    for before, after in zip(template.parts, template.parts[1:], strict=False):
        if isinstance(before, SlotPlace) and isinstance(after, SlotPlace):
            yield error(FindingCode.SLOTS_ADJACENT, "text", before=before.name, after=after.name)
    fixed = sum(char.isalnum() for part in template.parts if isinstance(part, str) for char in part)
    if fixed < FIXED_CHARS_MIN:
        yield error(FindingCode.TEXT_ONLY_SLOTS, "text", chars=fixed, least=FIXED_CHARS_MIN)
