"""Pictures: what is drawn says what was counted, in bounds, and carries no markup from outside."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baitie.adapters.report import svg

COUNTS = st.integers(min_value=0, max_value=10**7)
WORDS = st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable())


def parsed(picture: str) -> ET.Element:
    return ET.fromstring(picture)


def numbers(root: ET.Element, tag: str, attribute: str) -> list[float]:
    return [float(element.get(attribute, "nan")) for element in root.iter(tag)]


@given(st.lists(st.tuples(WORDS, COUNTS), min_size=1, max_size=12))
def test_bars_are_well_formed_and_stay_in_the_picture(rows: list[tuple[str, int]]) -> None:
    root = parsed(svg.bars("t", [svg.Bar(label, value, str(value)) for label, value in rows]))
    right = [x + w for x, w in zip(numbers(root, "rect", "x"), numbers(root, "rect", "width"), strict=True)]
    assert max(right) <= svg.WIDTH
    assert [text.text for text in root.iter("text")][0::2] == [label for label, _ in rows]


@given(st.lists(st.tuples(COUNTS, st.floats(min_value=0, max_value=1)), min_size=1, max_size=24))
def test_columns_stand_on_the_axis_and_the_part_is_within_the_whole(rows: list[tuple[int, float]]) -> None:
    drawn = [svg.Column(str(n), outer, outer * share, "") for n, (outer, share) in enumerate(rows)]
    root = parsed(svg.columns("t", drawn, "x"))
    heights = numbers(root, "rect", "height")
    assert all(inner <= outer + 0.05 for outer, inner in zip(heights[0::2], heights[1::2], strict=True))
    bottoms = {round(y + h) for y, h in zip(numbers(root, "rect", "y"), heights, strict=True)}
    assert len(bottoms) == 1


@given(st.lists(COUNTS, min_size=0, max_size=60))
def test_lines_of_any_length_are_well_formed(values: list[int]) -> None:
    picture = svg.lines("t", [svg.Line("a", "main", values)], [(0, "begin")] if values else [], "x")
    points = re.findall(r'polyline class="[^"]*" points="([^"]*)"', picture)[0].split()
    assert len(points) == len(values)
    parsed(picture)


@pytest.mark.parametrize("text", ["<script>", '"><b', "&amp;", "名片"])
def test_labels_are_escaped(text: str) -> None:
    root = parsed(svg.bars(text, [svg.Bar(text, 1, text, hint=text)]))
    assert root.get("aria-label") == text
    assert {element.text for element in root.iter("text")} == {text}


@given(st.floats(min_value=0, max_value=1e9))
def test_an_axis_ends_at_or_above_its_highest_value_and_not_far_above(value: float) -> None:
    top = svg.nice_top(value)
    assert top >= value
    assert top <= max(4, 2 * value)
