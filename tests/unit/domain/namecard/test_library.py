"""The library: every template is fit to be sent, and each cell is served by the most specific one."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baitie.domain.consent.optout import reads_as_optout
from baitie.domain.namecard import (
    CalleeSegment,
    CardTemplateError,
    Cell,
    Choice,
    Industry,
    NameCardTemplate,
    NoTemplate,
    NoTemplateReason,
    RenderedCard,
    SlotSpec,
    SlotType,
    choose,
    coverage,
    disclosure_max,
    parse_templates,
    render,
    with_sign,
    worst_case,
)
from baitie.domain.namecard.dimensions import LANGUAGE_CHAINS
from baitie.domain.namecard.library import chain
from baitie.domain.namecard.lint import SIGN_CHARS_MAX
from baitie.domain.namecard.page_code import make_page_code
from baitie.domain.namecard.template import DISCREET_TYPES
from baitie.files.card_files import lint_fully, read_library
from baitie.kernel.disclosure import Disclosure
from baitie.kernel.purpose import Purpose

LIBRARY = read_library()
SIGNS = {"zh-CN": "云杉优选", "zh-HK": "雲杉優選", "en": "Spruce Select"}
LONGEST_SIGNS = {"zh-CN": "某" * SIGN_CHARS_MAX, "zh-HK": "某" * SIGN_CHARS_MAX, "en": "S" * SIGN_CHARS_MAX}
HAN = st.sampled_from("赵钱孙李周吴郑王冯陈").map(str)
LATIN = st.sampled_from("ABCDEFGH abcdefgh").map(str)


def ids(template: NameCardTemplate) -> str:
    return template.template_id


every_template = pytest.mark.parametrize("template", LIBRARY.templates, ids=ids)


def values_of(spec: SlotSpec, language: str) -> st.SearchStrategy[str]:
    """Values within the type and length that a slot declares, the longest among them."""
    match spec.type:
        case SlotType.MINUTES:
            return st.integers(1, 60).map(str)
        case SlotType.PHONE_TAIL:
            return st.text("0123456789", min_size=4, max_size=4)
        case SlotType.DIGITS:
            return st.text("0123456789", min_size=1, max_size=spec.units_max)
        case SlotType.TIME:
            return st.text("0123456789:/", min_size=1, max_size=spec.units_max - 1).map(lambda text: f"1{text}")
        case SlotType.CODE:
            return st.integers(0, 2**65 - 1).map(lambda bits: make_page_code(lambda _: bits).text())
        case SlotType.LINK:
            return st.just("card.example/c/0000000000000")
        case SlotType.TEXT:
            char = LATIN if language == "en" else HAN
            return st.lists(char, min_size=1, max_size=spec.units_max).map("".join).filter(lambda text: text.strip())


@every_template
def test_a_shipped_template_has_no_findings_under_a_verified_sign(template: NameCardTemplate) -> None:
    sign = SIGNS[template.language]
    assert lint_fully(with_sign(template, sign), sign) == ()


@every_template
def test_a_shipped_template_fits_one_message_under_the_longest_sign(template: NameCardTemplate) -> None:
    assert worst_case(with_sign(template, LONGEST_SIGNS[template.language])).fits


@every_template
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_values_within_bounds_make_a_card_longer_than_one_message(
    template: NameCardTemplate, data: st.DataObject
) -> None:
    signed = with_sign(template, LONGEST_SIGNS[template.language])
    values = {name: data.draw(values_of(spec, template.language)) for name, spec in template.slots.items()}
    card = render(signed, values)
    assert isinstance(card, RenderedCard)
    assert card.units <= worst_case(signed).units_max


@every_template
def test_a_shipped_template_stresses_what_its_cell_asks_for(template: NameCardTemplate) -> None:
    assert template.emphasises
    assert set(template.emphasises) <= set(LIBRARY.stress.of(template.cell))


@every_template
def test_a_shipped_template_declares_no_more_disclosure_than_its_cell_allows(template: NameCardTemplate) -> None:
    assert template.disclosure is not None
    assert template.disclosure.rank <= disclosure_max(template.purpose, template.industry).rank


def test_collection_shows_identity_only_and_has_no_slots() -> None:
    cards = [template for template in LIBRARY.templates if template.purpose is Purpose.COLLECTION]
    assert {template.disclosure for template in cards} == {Disclosure.IDENTITY}
    assert all(not template.slots for template in cards)


def test_templates_for_any_industry_disclose_nothing_that_some_industry_forbids() -> None:
    for template in LIBRARY.templates:
        if template.industry is Industry.ANY:
            assert {spec.type for spec in template.slots.values()} <= DISCREET_TYPES, template.template_id


def test_ids_are_unique_and_english_texts_need_no_ucs2() -> None:
    assert len({template.template_id for template in LIBRARY.templates}) == len(LIBRARY.templates)
    assert all(template.text.isascii() for template in LIBRARY.templates if template.language == "en")


def test_every_purpose_serves_every_language_and_every_case_card_has_a_template() -> None:
    for purpose in Purpose:
        for language in LANGUAGE_CHAINS:
            found = choose(LIBRARY, Cell(purpose, language=language))
            assert isinstance(found, Choice)
            assert found.is_exact
    assert LIBRARY.find("information-logistics-courier-zh") is not None


def test_the_chain_goes_from_the_most_specific_cell_to_the_most_general() -> None:
    wanted = Cell(Purpose.CARE, Industry.HEALTH, CalleeSegment.SILENT, "zh-HK")
    shown = [(cell.language, cell.industry.value, cell.segment.value) for cell in chain(wanted)]
    within = [("health", "silent"), ("health", "any"), ("any", "silent"), ("any", "any")]
    assert shown == [(language, *rest) for language in ("zh-HK", "zh-CN") for rest in within]


def test_a_cell_without_a_template_of_its_own_is_served_by_the_next_one_and_says_what_was_passed_over() -> None:
    found = choose(LIBRARY, Cell(Purpose.CARE, Industry.INSURANCE, CalleeSegment.SILENT))
    assert isinstance(found, Choice)
    assert found.template.template_id == "care-insurance-zh"
    assert found.served_by_cell == Cell(Purpose.CARE, Industry.INSURANCE)
    assert [(str(cell), why) for cell, why in found.fallbacks] == [("care/insurance/silent/zh-CN", "no-template")]


def test_who_complains_gets_the_card_about_complaints_before_that_of_the_industry() -> None:
    wanted = Cell(Purpose.CARE, Industry.INSURANCE, CalleeSegment.COMPLAINING)
    within = [("insurance", "complaining"), ("any", "complaining"), ("insurance", "any"), ("any", "any")]
    assert [(cell.industry.value, cell.segment.value) for cell in chain(wanted)] == within
    found = choose(LIBRARY, wanted)
    assert isinstance(found, Choice)
    assert found.template.template_id == "care-complaining-zh"


@pytest.mark.parametrize("segment", CalleeSegment)
def test_no_cell_is_tried_twice(segment: CalleeSegment) -> None:
    for industry in (Industry.ANY, Industry.HEALTH):
        tried = list(chain(Cell(Purpose.CARE, industry, segment, "zh-HK")))
        assert len(tried) == len(set(tried))


def test_a_template_that_is_not_usable_is_passed_over_with_its_reason() -> None:
    def why_unusable(template: NameCardTemplate) -> str:
        return "not-approved" if template.industry is Industry.FINANCE else ""

    found = choose(LIBRARY, Cell(Purpose.RISK_WARNING, Industry.FINANCE), why_unusable)
    assert isinstance(found, Choice)
    assert found.template.template_id == "risk-warning-any-zh"
    assert found.fallbacks[0][1] == "not-approved"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (Cell(Purpose.CARE, language="fr"), NoTemplateReason.LANGUAGE_UNKNOWN),
        (Cell(Purpose.ACQUISITION, segment=CalleeSegment.COMPLAINING), NoTemplateReason.BARRED),
        (Cell(Purpose.ACQUISITION, Industry.GOVERNMENT), NoTemplateReason.BARRED),
    ],
)
def test_a_cell_for_which_there_must_be_no_card_says_why(cell: Cell, reason: NoTemplateReason) -> None:
    found = choose(LIBRARY, cell)
    assert isinstance(found, NoTemplate)
    assert found.reason is reason


def test_nothing_is_served_where_nothing_may_be_used() -> None:
    found = choose(LIBRARY, Cell(Purpose.SURVEY), lambda _: "not-approved")
    assert isinstance(found, NoTemplate)
    assert found.reason is NoTemplateReason.NONE_USABLE


def test_coverage_never_leaves_the_purpose_and_never_discloses_more_than_the_cell_allows() -> None:
    served = coverage(LIBRARY)
    assert len(served) == len(Purpose) * len(Industry) * len(CalleeSegment) * len(LANGUAGE_CHAINS)
    for cell, found in served.items():
        if isinstance(found, Choice):
            assert found.template.purpose is cell.purpose
            assert found.template.disclosure is not None
            assert found.template.disclosure.rank <= disclosure_max(cell.purpose, cell.industry).rank
            assert found.template.language in LANGUAGE_CHAINS[cell.language]
        else:
            assert found.reason is NoTemplateReason.BARRED


@pytest.mark.parametrize(
    "text",
    [
        "template = 3",
        'purpose = "care"\n[[template]]\ntemplate_id = "a"\nversion = 1\nsign = "x"\ntext = "回访"',
        'purpose = "nope"\n[[template]]\ntemplate_id = "a"\nversion = 1\ntext = "回访"',
        "[[template",
    ],
)
def test_a_broken_library_file_is_refused_with_its_name(text: str) -> None:
    with pytest.raises(CardTemplateError) as caught:
        parse_templates(text, "mine.toml")
    assert re.match(r"mine\.toml", str(caught.value.details["file"]))


@pytest.mark.parametrize("template", [t for t in LIBRARY.templates if t.purpose is Purpose.ACQUISITION], ids=ids)
def test_a_marketing_card_tells_a_reply_and_a_key_that_refuse(template: NameCardTemplate) -> None:
    key = {"zh-CN": "按9", "zh-HK": "按9", "en": "press 9"}[template.language]
    assert key in template.text
    (reply,) = set(re.findall(r"(?:回复|回覆|reply )([A-Z])", template.text))
    assert reads_as_optout(reply) is not None
    assert "不再来电" not in template.text


def test_the_library_serves_what_the_documents_name() -> None:
    wanted = ("care-birthday", "care-finance-anniversary", "risk-warning-account-anomaly", "care-health-follow-up")
    for family in (*wanted, "care-insurance-car", "care-vip"):
        for language in ("zh", "hk", "en"):
            assert LIBRARY.find(f"{family}-{language}") is not None, family
    for matter in ("tax", "policy", "pension", "slogan"):
        assert LIBRARY.find(f"information-government-{matter}-zh") is not None, matter
    assert LIBRARY.find("care-health-medication-zh") is not None
