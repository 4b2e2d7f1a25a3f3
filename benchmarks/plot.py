"""Numbers as small charts in one SVG, made of text: readable on light and on dark, both axes logarithmic."""

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby

from benchmarks.report import Measured, Spot

WIDTH, HEIGHT = 340, 190
LEFT, RIGHT, TOP, BOTTOM = 58, 26, 34, 38
LEGEND = 28
NICE = (1, 2, 5)
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 } .faint { fill: #57606a }
.grid { stroke: #d0d7de; stroke-width: 1 }
.line { fill: none; stroke-width: 2 }
.s0 { stroke: #0969da } .s1 { stroke: #bc4c00; stroke-dasharray: 6 4 }
.d0 { fill: #0969da } .d1 { fill: #bc4c00 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .faint { fill: #9198a1 } .grid { stroke: #3d444d }
  .s0 { stroke: #58a6ff } .s1 { stroke: #f0883e } .d0 { fill: #58a6ff } .d1 { fill: #f0883e }
}
"""

Lines = Mapping[str, list[tuple[float, float]]]


def svg(rows: Iterable[Measured]) -> str:
    """All rows that have a spot: a row of charts for each quantity, a column for each axis."""
    spots = [(row.spot, row) for row in rows if row.spot is not None]
    charts = list(dict.fromkeys(spot.chart for spot, _ in spots))
    axes = list(dict.fromkeys(spot.axis for spot, _ in spots))
    names = list(dict.fromkeys(spot.line for spot, _ in spots))
    width, height = max(1, len(axes)) * WIDTH, LEGEND + len(charts) * HEIGHT
    drawn = [_legend(names)]
    for down, chart in enumerate(charts):
        here = [(spot, row) for spot, row in spots if spot.chart == chart]
        low, high = _bounds([row.value for _, row in here])
        for across, axis in enumerate(axes):
            some = [(spot, row) for spot, row in here if spot.axis == axis]
            title = f"{chart}, {some[0][1].unit}" if some else chart
            body = _chart(title, axis, _lines(some), names, low=low, high=high)
            drawn.append(f'<g transform="translate({across * WIDTH} {LEGEND + down * HEIGHT})">{body}</g>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img"><title>{escape(", ".join(charts))}, by {escape(" and by ".join(axes))}</title>'
        f"<style>{STYLE}</style>{''.join(drawn)}</svg>\n"
    )


def _lines(some: Sequence[tuple[Spot, Measured]]) -> Lines:
    ordered = sorted(some, key=lambda one: (one[0].line, one[0].at))
    return {
        name: [(spot.at, row.value) for spot, row in members]
        for name, members in groupby(ordered, key=lambda one: one[0].line)
    }


def _legend(names: Sequence[str]) -> str:
    return "".join(
        f'<path class="line s{place}" d="M{LEFT + place * 120} 16h24"/>'
        f'<text x="{LEFT + 30 + place * 120}" y="20">{escape(name)}</text>'
        for place, name in enumerate(names)
    )


def _chart(title: str, axis: str, lines: Lines, names: Sequence[str], *, low: float, high: float) -> str:
    """One chart. Those of a row have the same bounds from below to above, so that they may be compared."""
    ats = sorted({at for points in lines.values() for at, _ in points})
    bottom = HEIGHT - BOTTOM

    def x(at: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * _share(at, ats[0], ats[-1])

    def y(value: float) -> float:
        return bottom - (bottom - TOP) * _share(value, low, high)

    parts = [f'<text class="title" x="{LEFT}" y="18">{escape(title)}</text>']
    for value in _ticks(low, high):
        parts.append(f'<path class="grid" d="M{LEFT} {y(value):.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text class="faint" x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:,g}</text>')
    for at in ats:
        parts.append(f'<text class="faint" x="{x(at):.1f}" y="{bottom + 16}" text-anchor="middle">{at:,g}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text class="faint" x="{middle}" y="{bottom + 32}" text-anchor="middle">{escape(axis)}</text>')
    for name, points in lines.items():
        place = names.index(name)
        path = "L".join(f"{x(at):.1f} {y(value):.1f}" for at, value in points)
        parts.append(f'<path class="line s{place}" d="M{path}"/>')
        for at, value in points:
            said = escape(f"{name}: {value:,.4g} at {at:,g}")
            dot = f'<circle class="d{place}" cx="{x(at):.1f}" cy="{y(value):.1f}" r="3.5">'
            parts.append(f"{dot}<title>{said}</title></circle>")
    return "".join(parts)


def _share(value: float, low: float, high: float) -> float:
    """How far along a logarithmic axis; a single value stands in its middle."""
    return 0.5 if low == high else math.log(value / low) / math.log(high / low)


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    """The nearest nice numbers around all of them."""
    below = max(one for one in _nice(min(values)) if one <= min(values))
    above = min(one for one in _nice(max(values)) if one >= max(values))
    return (below, above) if below < above else (below, below * 2)


def _ticks(low: float, high: float) -> list[float]:
    """Nice numbers within: only powers of ten and both ends where there would be too many."""
    every = sorted({one for value in (low, high) for one in _nice(value)} | _powers(low, high))
    within = [one for one in every if low <= one <= high]
    return within if len(within) <= 5 else [one for one in within if one in _powers(low, high)]


def _powers(low: float, high: float) -> set[float]:
    return {10.0**power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)}


def _nice(value: float) -> list[float]:
    """1, 2 and 5 times the powers of ten around a value."""
    power = math.floor(math.log10(value))
    return [times * 10.0**near for near in (power, power + 1) for times in NICE]
