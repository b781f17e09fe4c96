"""The reference pages say everything that the code has."""

from pathlib import Path

import pytest
from tools.docs import REFERENCE, error_classes, pages

from baitie.cli.shared import ExitCode
from baitie.domain.risk.kinds import KINDS
from baitie.kernel.journal import JournalKind
from baitie.kernel.outcome import Outcome


@pytest.mark.parametrize("name", sorted(pages()))
def test_pages_made_from_the_code_are_up_to_date(name: str) -> None:
    assert (REFERENCE / name).read_text("utf-8") == pages()[name], "run python -m tools.docs"


def test_every_error_has_a_code_of_its_own_and_a_remedy() -> None:
    by_code: dict[str, str] = {}
    for error in error_classes():
        if "code" in error.__dict__:
            assert by_code.setdefault(error.code, error.__name__) == error.__name__, error.code
        assert error.__doc__
        assert error.__doc__.count(".") >= 2, f"{error.__name__} names no remedy"


@pytest.mark.parametrize("kind", list(JournalKind))
def test_every_journal_event_is_described(kind: JournalKind) -> None:
    assert f"`{kind.value}`" in (REFERENCE / "events.md").read_text("utf-8")


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_is_described(outcome: Outcome) -> None:
    assert f"`{outcome.value}`" in (REFERENCE / "outcomes.md").read_text("utf-8")


@pytest.mark.parametrize("code", list(ExitCode))
def test_every_exit_code_is_described(code: ExitCode) -> None:
    assert f"| {int(code)} | {code.name} |" in (REFERENCE / "cli.md").read_text("utf-8")


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_rule_kind_is_described(kind: str) -> None:
    assert f"| `{kind}` |" in (REFERENCE / "rule-kinds.md").read_text("utf-8")


def test_links_between_pages_lead_somewhere() -> None:
    import re

    docs = REFERENCE.parent
    for page in docs.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(docs)}: {target}"


def test_all_pages_are_in_one_of_the_four_kinds() -> None:
    kinds = {"tutorial", "how-to", "reference", "explanation", "adr"}
    pages_found = [page.relative_to(REFERENCE.parent) for page in REFERENCE.parent.rglob("*.md")]
    assert all(
        page.parts[0] in kinds or page == Path("glossary.md") or page.name == "README.md" for page in pages_found
    )
