"""The planter of mutants: which changes it makes, that each still reads as Python, and that its sample repeats."""

import ast
from pathlib import Path

import pytest
from tools.mutants.__main__ import AREAS, ROOT, drawn, equivalents, mutants_in
from tools.mutants.sites import mutants_of

SOURCE = '''
"""A door sign with 1 number."""
from x import y

def f(a: int = 3) -> int | None:
    """Says 2 things."""
    if not (a and a < 4) or a in (7,):
        self.kept = a
        log(a)
        return a + 1
    while a:
        continue
    return None
'''


def changed() -> set[tuple[str, str]]:
    return {mutant.lines(SOURCE) for mutant in mutants_of(Path("f.py"), SOURCE)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f(a: int = 3) -> int | None:", "def f(a: int = 4) -> int | None:"),
        ("if not (a and a < 4) or a in (7,):", "if (a and a < 4) or a in (7,):"),
        ("if not (a and a < 4) or a in (7,):", "if not (a or a < 4) or a in (7,):"),
        ("if not (a and a < 4) or a in (7,):", "if not (a and a <= 4) or a in (7,):"),
        ("if not (a and a < 4) or a in (7,):", "if not (a and a < 5) or a in (7,):"),
        ("if not (a and a < 4) or a in (7,):", "if not (a and a < 4) and a in (7,):"),
        ("if not (a and a < 4) or a in (7,):", "if not (a and a < 4) or a not in (7,):"),
        ("self.kept = a", "pass"),
        ("log(a)", "pass"),
        ("return a + 1", "return a - 1"),
        ("return a + 1", "return None"),
        ("continue", "break"),
    ],
)
def test_a_small_change_is_made(before: str, after: str) -> None:
    assert (before, after) in changed()


def test_docstrings_types_and_imports_are_left_alone() -> None:
    assert not [before for before, _ in changed() if "door sign" in before or "Says" in before or "import" in before]
    assert ("def f(a: int = 3) -> int | None:", "def f(a: int = 3) -> int & None:") not in changed()


@pytest.mark.parametrize("area", sorted(AREAS))
def test_every_mutant_reads_as_python(area: str) -> None:
    for mutant in mutants_in(area)[::23]:
        source = (ROOT / mutant.path).read_text("utf-8")
        ast.parse(mutant.apply_to(source))


def test_a_seed_draws_the_same_sample_and_another_seed_another() -> None:
    assert drawn("app", 1, 30) == drawn("app", 1, 30)
    assert drawn("app", 1, 30) != drawn("app", 2, 30)
    assert len(drawn("app", 1, 30)) == 30


def test_every_mutant_judged_equivalent_can_still_be_made() -> None:
    """A line that has changed since must be judged anew."""
    for each in equivalents():
        path = ROOT / each.file
        source = path.read_text("utf-8")
        made = {mutant.lines(source) for mutant in mutants_of(Path(each.file), source)}
        assert (each.before, each.after) in made, each
        assert each.reason
