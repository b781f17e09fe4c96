"""Pages that people write name everything that the code and its data have."""

import re
import tomllib
from pathlib import Path

import pytest

from baitie.bootstrap.rule_files import shipped_packs
from baitie.domain.dialing.attempt import Phase
from baitie.domain.risk.checks import REASONS
from baitie.domain.risk.kinds import KINDS
from baitie.domain.risk.rulebook import load_rulebook
from baitie.domain.risk.rulepack import Rule

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PROFILE = ROOT / "src" / "baitie" / "rehearsal" / "profiles" / "cn-callback.toml"
RULES = load_rulebook([tomllib.loads(text) for text in shipped_packs().values()]).rules


def page(name: str) -> str:
    return (REFERENCE / name).read_text("utf-8")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule_id)
def test_every_shipped_rule_has_a_row_with_kind_and_status(rule: Rule) -> None:
    rows = [line for line in page("rules.md").splitlines() if line.startswith(f"| `{rule.rule_id}` |")]
    assert len(rows) == 1
    cells = [cell.strip() for cell in rows[0].strip("|").split("|")]
    assert cells[1] == f"`{rule.kind}`"
    assert cells[2] == ("everywhere" if rule.jurisdiction == "*" else rule.jurisdiction)
    assert cells[5] == rule.status.value


@pytest.mark.parametrize("word", sorted({*KINDS, *REASONS}))
def test_every_rule_kind_and_reason_is_described(word: str) -> None:
    assert f"`{word}`" in page("rules.md")


@pytest.mark.parametrize(
    "parameter",
    [name for table in tomllib.loads(PROFILE.read_text("utf-8")).values() if isinstance(table, dict) for name in table],
)
def test_every_parameter_of_the_loopback_profile_is_described(parameter: str) -> None:
    assert f'`"{parameter}"`' in page("loopback-profile.md") or f"`{parameter}`" in page("loopback-profile.md")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule_id)
def test_the_page_says_rightly_that_every_shipped_rule_blocks_and_fails_closed(rule: Rule) -> None:
    assert (rule.force.value, rule.fail_direction.value) == ("block", "closed")


def test_the_diagram_of_an_attempt_shows_every_phase() -> None:
    page_text = (ROOT / "docs" / "explanation" / "one-attempt.md").read_text("utf-8")
    shown = {end for arrow in re.findall(r"^    (\w+) --> (\w+)", page_text, re.MULTILINE) for end in arrow}
    assert {phase.value for phase in Phase} <= shown
