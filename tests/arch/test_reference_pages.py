"""Pages that people write name everything that the code and its data have."""

import re
import tomllib
from pathlib import Path

import pytest

from baitie.domain.dialing.attempt import Phase
from baitie.domain.risk.kinds import KINDS, REASONS
from baitie.domain.risk.rulebook import load_rulebook
from baitie.domain.risk.rulepack import Rule
from baitie.files.rule_files import shipped_packs, verdict_texts

WORDS = verdict_texts("en")
ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PROFILE = ROOT / "src" / "baitie" / "rehearsal" / "profiles" / "cn-callback.toml"
RULES = load_rulebook([tomllib.loads(text) for text in shipped_packs().values()]).rules


def page(name: str) -> str:
    return (REFERENCE / name).read_text("utf-8")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule_id)
def test_every_shipped_rule_has_a_section_with_kind_and_status(rule: Rule) -> None:
    sections = [part for path in (REFERENCE / "rules").glob("*.md") for part in path.read_text("utf-8").split("\n## ")]
    (section,) = [part for part in sections if part.startswith(f"{rule.rule_id}\n")]
    assert f"| kind | `{rule.kind}` |" in section
    assert f"| status | **{WORDS.word('status', rule.status.value)}** |" in section
    assert rule.source in section or WORDS.source(rule) in section


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_rule_kind_is_described(kind: str) -> None:
    assert f"`{kind}`" in page("rule-kinds.md")


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_reason_is_described(reason: str) -> None:
    assert f"\n| `{reason}` |" in page("rules/reasons.md")


@pytest.mark.parametrize(
    "parameter",
    [name for table in tomllib.loads(PROFILE.read_text("utf-8")).values() if isinstance(table, dict) for name in table],
)
def test_every_parameter_of_the_loopback_profile_is_described(parameter: str) -> None:
    assert f'`"{parameter}"`' in page("loopback-profile.md") or f"`{parameter}`" in page("loopback-profile.md")


def test_the_diagram_of_an_attempt_shows_every_phase() -> None:
    page_text = (ROOT / "docs" / "explanation" / "one-attempt.md").read_text("utf-8")
    shown = {end for arrow in re.findall(r"^    (\w+) --> (\w+)", page_text, re.MULTILINE) for end in arrow}
    assert {phase.value for phase in Phase} <= shown
