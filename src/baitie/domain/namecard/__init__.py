"""Name cards (来电名片): what a handset shows before it rings, its sign first, in one message."""

from baitie.domain.namecard.lint import CardFinding, FindingCode, lint
from baitie.domain.namecard.parsing import parse_template, read_template_untrusted
from baitie.domain.namecard.rendering import CardRefusal, CardRefusalCode, RenderedCard, render
from baitie.domain.namecard.template import (
    CardChannel,
    CardFault,
    CardTemplateError,
    NameCardTemplate,
    SlotSpec,
    SlotType,
    WorstCase,
    worst_case,
)
from baitie.domain.namecard.words import NO_WORDS, CardWords, CardWordsError, Severity, WordClass, parse_words

__all__ = [
    "NO_WORDS",
    "CardChannel",
    "CardFault",
    "CardFinding",
    "CardRefusal",
    "CardRefusalCode",
    "CardTemplateError",
    "CardWords",
    "CardWordsError",
    "FindingCode",
    "NameCardTemplate",
    "RenderedCard",
    "Severity",
    "SlotSpec",
    "SlotType",
    "WordClass",
    "WorstCase",
    "lint",
    "parse_template",
    "parse_words",
    "read_template_untrusted",
    "render",
    "worst_case",
]
