"""Small pictures as SVG text: bars, ranges, columns, lines. Sizes in picture units; the page scales them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH = 520
"""Two pictures stand beside each other on a screen; on a telephone one fills it, and its text stays legible."""

_LABEL_WIDTH = 148
_VALUE_WIDTH = 74
_ROW_HEIGHT = 30
_PLOT_HEIGHT = 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 8, 26, 30


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar (条): its label, length, the value as printed, its colour class and what hovering says."""

    label: str
    value: float
    shown: str
    tone: str = "main"
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column (柱): `inner` is a part of `outer` and stands inside it."""

    label: str
    outer: float
    inner: float
    shown: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line (线) over equal steps, with its colour class and name."""

    name: str
    tone: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class SpanRow:
    """One range (区间条): its label, ends and middle, and the value as printed."""

    label: str
    low: float
    middle: float
    high: float
    shown: str


def spans(title: str, rows: Sequence[SpanRow]) -> Markup:
    """Horizontal ranges from 0, each with its label and value above the line and a mark in its middle."""
    top = max((row.high for row in rows), default=0) or 1
    room, height = WIDTH - 16, 46
    parts = []
    for place, row in enumerate(rows):
        y = place * height
        low, middle, high = (8 + value / top * room for value in (row.low, row.middle, row.high))
        parts.append(
            f"<g><title>{escape(row.label)}: {escape(row.shown)}</title>"
            f'<text class="label" x="8" y="{y + 16}">{escape(row.label)}</text>'
            f'<text class="value" x="{WIDTH - 8}" y="{y + 16}" text-anchor="end">{escape(row.shown)}</text>'
            f'<rect class="track" x="8" y="{y + 26}" width="{room}" height="10" rx="2"/>'
            f'<rect class="soft" x="{low:.1f}" y="{y + 26}" width="{max(high - low, 1):.1f}" height="10" rx="2"/>'
            f'<rect class="main" x="{middle - 2:.1f}" y="{y + 23}" width="4" height="16" rx="1"/></g>'
        )
    return _picture(title, max(len(rows), 1) * height + 4, parts)


def bars(title: str, rows: Sequence[Bar], whole: float = 0) -> Markup:
    """Horizontal bars, each with its label on the left and its value behind it; `whole` would fill the room."""
    longest = max((row.value for row in rows), default=0)
    longest = max(longest, whole) or 1
    room = WIDTH - _LABEL_WIDTH - _VALUE_WIDTH
    parts = []
    for place, row in enumerate(rows):
        y = place * _ROW_HEIGHT
        width = row.value / longest * room
        parts.append(
            f"<g><title>{escape(row.hint or f'{row.label}: {row.shown}')}</title>"
            f'<text class="label" x="{_LABEL_WIDTH - 10}" y="{y + 20}" text-anchor="end">{escape(row.label)}</text>'
            f'<rect class="track" x="{_LABEL_WIDTH}" y="{y + 5}" width="{room}" height="20" rx="2"/>'
            f'<rect class="{row.tone}" x="{_LABEL_WIDTH}" y="{y + 5}" width="{width:.1f}" height="20" rx="2"/>'
            f'<text class="value" x="{_LABEL_WIDTH + width + 8:.1f}" y="{y + 20}">{escape(row.shown)}</text></g>'
        )
    return _picture(title, max(len(rows), 1) * _ROW_HEIGHT + 4, parts)


def columns(title: str, rows: Sequence[Column], x_name: str) -> Markup:
    """Columns with a part filled inside, over a counting axis."""
    top = nice_top(max((row.outer for row in rows), default=0))
    step = (WIDTH - _LEFT - _RIGHT) / max(len(rows), 1)
    thick = min(step * 0.72, 56)
    parts = _grid(top)
    for place, row in enumerate(rows):
        x = _LEFT + step * (place + 0.5) - thick / 2
        outer, inner = row.outer / top * _PLOT_HEIGHT, row.inner / top * _PLOT_HEIGHT
        base = _TOP + _PLOT_HEIGHT
        parts.append(
            f"<g><title>{escape(row.hint)}</title>"
            f'<rect class="soft" x="{x:.1f}" y="{base - outer:.1f}" width="{thick:.1f}" height="{outer:.1f}" rx="2"/>'
            f'<rect class="main" x="{x:.1f}" y="{base - inner:.1f}" width="{thick:.1f}" height="{inner:.1f}" rx="2"/>'
        )
        if row.shown:
            parts.append(
                f'<text class="value" x="{x + thick / 2:.1f}" y="{base - outer - 6:.1f}" text-anchor="middle">'
                f"{escape(row.shown)}</text>"
            )
        if step >= 30 or place % math.ceil(30 / step) == 0:
            parts.append(
                f'<text class="tick" x="{x + thick / 2:.1f}" y="{base + 18}" text-anchor="middle">'
                f"{escape(row.label)}</text>"
            )
        parts.append("</g>")
    return _picture(title, _TOP + _PLOT_HEIGHT + _BOTTOM + 16, [*parts, _x_name(x_name)])


def lines(title: str, series: Sequence[Line], ticks: Sequence[tuple[int, str]], x_name: str) -> Markup:
    """Lines over equal steps; the first is filled. `ticks` are places on the axis with their labels."""
    steps = max((len(line.values) for line in series), default=0)
    top = nice_top(max((max(line.values, default=0) for line in series), default=0))
    across = (WIDTH - _LEFT - _RIGHT) / max(steps - 1, 1)
    base = _TOP + _PLOT_HEIGHT
    parts = _grid(top)
    for place, line in enumerate(series):
        heights = [base - value / top * _PLOT_HEIGHT for value in line.values]
        points = [f"{_LEFT + across * n:.1f},{y:.1f}" for n, y in enumerate(heights)]
        if place == 0 and points:
            right = _LEFT + across * (len(points) - 1)
            parts.append(f'<polygon class="area" points="{_LEFT},{base} {" ".join(points)} {right:.1f},{base}"/>')
        parts.append(f'<polyline class="line {line.tone}" points="{" ".join(points)}"/>')
    for n, label in ticks:
        anchor = "start" if n == 0 else "end" if n >= steps - 1 else "middle"
        parts.append(
            f'<text class="tick" x="{_LEFT + across * n:.1f}" y="{base + 18}" text-anchor="{anchor}">'
            f"{escape(label)}</text>"
        )
    return _picture(title, base + _BOTTOM + 16, [*parts, _x_name(x_name)])


def nice_top(value: float) -> float:
    """The end of an axis of counts, not below `value`: round, and its quarters are whole."""
    power = 1
    while True:
        for step in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8):
            top = round(step * power, 6)
            if top >= value and top % 4 == 0:
                return top
        power *= 10


def _grid(top: float) -> list[str]:
    parts = []
    for quarter in range(5):
        y = _TOP + _PLOT_HEIGHT * (1 - quarter / 4)
        css = "base" if quarter == 0 else "grid"
        parts.append(f'<line class="{css}" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        value = f"{top * quarter / 4:g}"
        parts.append(f'<text class="tick" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value}</text>')
    return parts


def _x_name(name: str) -> str:
    x = (_LEFT + WIDTH - _RIGHT) / 2
    return f'<text class="tick" x="{x}" y="{_TOP + _PLOT_HEIGHT + 38}" text-anchor="middle">{escape(name)}</text>'


def _picture(title: str, height: float, parts: Sequence[str]) -> Markup:
    head = f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(title)}">'
    return Markup(head + "".join(parts) + "</svg>")
