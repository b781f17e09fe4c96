"""Name cards (来电名片): what a handset shows before it rings, its sign first, in one message."""

from baitie.domain.namecard.dimensions import CalleeSegment, Cell, Industry, disclosure_max
from baitie.domain.namecard.findings import CardFinding, FindingCode
from baitie.domain.namecard.library import (
    CardLibrary,
    Choice,
    NoTemplate,
    NoTemplateReason,
    Stress,
    choose,
    coverage,
    parse_stress,
    parse_templates,
)
from baitie.domain.namecard.lint import lint
from baitie.domain.namecard.look_alikes import NO_LOOK_ALIKES, LookAlikes, parse_look_alikes
from baitie.domain.namecard.parsing import parse_template, read_template_untrusted, with_sign
from baitie.domain.namecard.rendering import CardRefusal, CardRefusalCode, RenderedCard, render
from baitie.domain.namecard.template import (
    CardChannel,
    CardFault,
    CardTemplateError,
    NameCardTemplate,
    SlotSpec,
    SlotType,
    WorstCase,
    sent_facts,
    worst_case,
)
from baitie.domain.namecard.words import NO_WORDS, CardWords, CardWordsError, Severity, WordClass, parse_words

__all__ = [
    "NO_LOOK_ALIKES",
    "NO_WORDS",
    "CalleeSegment",
    "CardChannel",
    "CardFault",
    "CardFinding",
    "CardLibrary",
    "CardRefusal",
    "CardRefusalCode",
    "CardTemplateError",
    "CardWords",
    "CardWordsError",
    "Cell",
    "Choice",
    "FindingCode",
    "Industry",
    "LookAlikes",
    "NameCardTemplate",
    "NoTemplate",
    "NoTemplateReason",
    "RenderedCard",
    "Severity",
    "SlotSpec",
    "SlotType",
    "Stress",
    "WordClass",
    "WorstCase",
    "choose",
    "coverage",
    "disclosure_max",
    "lint",
    "parse_look_alikes",
    "parse_stress",
    "parse_template",
    "parse_templates",
    "parse_words",
    "read_template_untrusted",
    "render",
    "sent_facts",
    "with_sign",
    "worst_case",
]
