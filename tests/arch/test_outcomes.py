"""What is said of each outcome is said of all: traits, words, page and metric; and nobody lists outcomes by hand."""

import ast
import importlib.util
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from baitie.domain.metrics import METRICS
from baitie.domain.metrics.facts import CampaignFacts
from baitie.kernel import outcome as outcome_module
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.outcome import Outcome, OutcomeTraits
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord, AttemptState
from baitie.locale.catalogue import LANGUAGES, catalogue

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "baitie"
PAGE = (ROOT / "docs" / "reference" / "outcomes.md").read_text("utf-8")
TABLE_FILE = Path(outcome_module.__file__)
AT = datetime(2026, 3, 2, 2, tzinfo=UTC)

MEMBER = '    UNKNOWN = "unknown"'
ROW = "    Outcome.UNKNOWN: OutcomeTraits("
WHOLE = {
    "is_answered": "True",
    "is_by_person": "True",
    "is_contact": "True",
    "is_rejected": "False",
    "is_abandoned": "False",
    "may_ring_unseen": "True",
    "is_final_of_carrier": "True",
    "retry": "None",
    "metric": "None",
}


def planted(row: dict[str, str] | None) -> ModuleType:
    """The module of outcomes with one outcome more, `planted`; without a row of the table where `row` is None."""
    text = TABLE_FILE.read_text("utf-8")
    assert text.count(MEMBER) == text.count(ROW) == 1
    text = text.replace(MEMBER, f'    PLANTED = "planted"\n{MEMBER}')
    if row is not None:
        traits = ", ".join(f"{name}={value}" for name, value in row.items())
        text = text.replace(ROW, f"    Outcome.PLANTED: OutcomeTraits({traits}),\n{ROW}")
    spec = importlib.util.spec_from_loader("planted_outcome", loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__dict__["__name__"] = outcome_module.__name__  # dataclasses look for their module by name
    exec(compile(text, str(TABLE_FILE), "exec"), module.__dict__)
    return module


def test_an_outcome_without_its_row_of_the_table_cannot_be_imported() -> None:
    with pytest.raises(KeyError, match="planted"):
        planted(None)


@pytest.mark.parametrize("left_out", OutcomeTraits.__dataclass_fields__)
def test_an_outcome_of_which_one_trait_is_not_said_cannot_be_imported(left_out: str) -> None:
    with pytest.raises(TypeError, match=left_out):
        planted({name: value for name, value in WHOLE.items() if name != left_out})


def test_a_whole_outcome_can_be_added() -> None:
    assert planted(WHOLE).Outcome.PLANTED.traits.is_contact is True


def without_words(outcomes: Iterable[str]) -> set[tuple[str, str, str]]:
    """Outcomes without a word: catalogue, language, outcome."""
    return {
        (name, lang, outcome)
        for name in ("outcomes", "cli", "report")
        for lang in LANGUAGES
        for outcome in outcomes
        if not catalogue(name, lang).text_or(f"outcome.{outcome}", "").strip()
    }


def test_every_outcome_has_words_in_both_languages() -> None:
    assert without_words(Outcome) == set()


def test_an_outcome_without_words_is_found() -> None:
    assert without_words([*Outcome, "planted"]) == {
        (name, lang, "planted") for name in ("outcomes", "cli", "report") for lang in ("zh", "en")
    }


def test_no_catalogue_has_words_for_what_is_no_outcome() -> None:
    for lang in LANGUAGES:
        assert catalogue("outcomes", lang).keys() == {f"outcome.{outcome.value}" for outcome in Outcome}


def row_of_page(outcome: Outcome) -> list[str]:
    row = re.search(rf"^\| `{outcome.value}` \|(.*)\|$", PAGE, re.MULTILINE)
    assert row is not None, f"{outcome.value} has no row in docs/reference/outcomes.md"
    return [cell.strip() for cell in row[1].split(" | ")]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_page_says_of_each_outcome_what_the_table_says(outcome: Outcome) -> None:
    chinese, concluded, contact, again, counted = row_of_page(outcome)
    traits = outcome.traits
    assert chinese == catalogue("outcomes", "zh").text(f"outcome.{outcome.value}")
    assert concluded
    assert contact == ("yes" if traits.is_contact else "no")
    if traits.retry is None:
        assert again == "no"
    else:
        wait_s = traits.retry.wait_s
        wait = f"{wait_s / 3600:g} h" if wait_s >= 3600 else f"{wait_s / 60:g} min"
        assert again == f"after {wait}, {traits.retry.attempts_max} attempts in all"
    assert counted == (f"`{traits.metric}`" if traits.metric else "no rate")


def ended(outcome: Outcome) -> CampaignFacts:
    """A campaign of one attempt, which was placed and ended so."""
    attempt = AttemptRecord(
        attempt_id=AttemptId("at_1"),
        lead_id=LeadId("lead_1"),
        campaign_id=CampaignId("campaign"),
        callee_id=CalleeId("callee_1"),
        presented_number=PhoneNumber("+861088880000"),
        trunk="t",
        state=AttemptState.ENDED,
        planned_at=AT,
        invite_sent_at=AT,
        outcome=outcome,
    )
    return CampaignFacts(leads=(), attempts=(attempt,))


OF_ONE_OUTCOME = {outcome.traits.metric for outcome in Outcome if outcome.traits.metric is not None}


@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_attempt_is_counted_in_the_rate_that_its_outcome_names(outcome: Outcome) -> None:
    counting = {name for name in OF_ONE_OUTCOME if METRICS[name].compute(ended(outcome)).counted}
    named = set() if outcome.traits.metric is None else {outcome.traits.metric}
    assert named <= counting
    assert counting - named <= ({"human_answer_rate"} if outcome.traits.is_by_person else set())


@pytest.mark.parametrize("outcome", list(Outcome))
def test_whoever_picked_up_or_pressed_a_key_was_disturbed(outcome: Outcome) -> None:
    traits = outcome.traits
    assert traits.is_abandoned <= traits.is_by_person <= traits.is_answered <= traits.is_contact
    assert traits.is_rejected <= traits.is_contact
    assert (traits.is_answered or traits.is_rejected) <= traits.may_ring_unseen


def lists_of_outcomes(tree: ast.AST) -> list[int]:
    """Lines at which several outcomes are listed, or something is asked by outcome."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Set | ast.Tuple | ast.List):
            listed: list[ast.expr | None] = [*node.elts]
        elif isinstance(node, ast.Dict):
            listed = [*node.keys]
        else:
            continue
        named = [
            each
            for each in listed
            if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "Outcome"
        ]
        if len(named) > 1:
            found.append(node.lineno)
    return found


def test_nobody_beside_the_table_lists_outcomes() -> None:
    """Such a list passes over the next outcome, which then falls on the milder side unseen."""
    found = {
        f"{path.relative_to(SOURCE)}:{line}"
        for path in sorted(SOURCE.rglob("*.py"))
        if path != TABLE_FILE
        for line in lists_of_outcomes(ast.parse(path.read_text("utf-8")))
    }
    assert found == set()


@pytest.mark.parametrize(
    "text",
    [
        "_CONTACTS = frozenset({Outcome.ANSWERED, Outcome.REJECTED})",
        "if outcome not in (Outcome.FAILED, Outcome.UNKNOWN): pass",
        "WAITS = {Outcome.BUSY: 900, Outcome.FAILED: 300}",
    ],
)
def test_a_list_of_outcomes_is_found(text: str) -> None:
    assert lists_of_outcomes(ast.parse(text)) == [1]
