"""Small line plots of measurements: SVG in a notebook, one line of text elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ..errors import CourseError
from .diagram import themed

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560, 260, 64, 16, 46, 44  # pixels
TICKS = 4  # steps on an axis, about
MARKERS = 24  # at most, on one line
# Okabe and Ito's palette: each line has its own colour, dashes and marker, so that none of them is needed alone.
LIGHT = "--ink: #1b1f24; --line: #8a929b; --s0: #005f99; --s1: #a84300; --s2: #00674a; --s3: #7a4069"
DARK = "--ink: #eceff2; --line: #7d858e; --s0: #56b4e9; --s1: #ff9d5c; --s2: #2fc79b; --s3: #e69fcb"
DASHES = ("none", "8 4", "2 3", "10 3 2 3")
SHAPES = (
    "M-3.5,0a3.5,3.5 0 1,0 7,0a3.5,3.5 0 1,0 -7,0Z",
    "M-3,-3h6v6h-6Z",
    "M0,-4L4,3H-4Z",
    "M0,-4.5L4.5,0L0,4.5L-4.5,0Z",
)
STYLE = f"""{themed(".course-plot", LIGHT, DARK)}
.course-plot text {{ font: 12px ui-monospace, Menlo, Consolas, monospace; fill: var(--ink) }}
.course-plot .grid {{ stroke: var(--line); stroke-width: .6 }}
"""
STYLE += "\n".join(
    f".course-plot .s{n} {{ stroke: var(--s{n}); fill: none; stroke-width: 1.8; stroke-dasharray: {dashes} }}\n"
    f".course-plot .m{n} {{ fill: var(--s{n}) }}"
    for n, dashes in enumerate(DASHES)
)

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Plot:
    """Up to four lines over one axis; `plot` makes it."""

    title: str
    lines: tuple[tuple[str, Points], ...]
    x: str
    y: str

    def __repr__(self) -> str:
        """Return a text without any measured figure."""
        return f"<plot: {self.title}; {self.y} over {self.x}; {', '.join(name for name, _ in self.lines)}>"

    def _repr_html_(self) -> str:
        return self.svg()

    def svg(self) -> str:
        """Return the SVG; `<title>` and `<desc>` hold its values as text."""
        across = _scale([x for _, points in self.lines for x, _ in points], LEFT, WIDTH - RIGHT)
        up = _scale([0.0, *(y for _, points in self.lines for _, y in points)], HEIGHT - BOTTOM, TOP, round_up=True)
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" class="course-plot" role="img" width="{WIDTH}" '
                f'height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" style="max-width: 100%; height: auto">',
                f"<title>{escape(self.title)}</title>",
                f"<desc>{escape(self.text_alternative())}</desc>",
                f"<style>{STYLE}</style>",
                *_axes(across, up, self.x, self.y),
                *(_line(number, points, across, up) for number, (_, points) in enumerate(self.lines)),
                *(_name(number, name) for number, (name, _) in enumerate(self.lines)),
                "</svg>",
            ]
        )

    def text_alternative(self) -> str:
        """Return the text alternative: each line's least, greatest and last value."""
        return f"{self.y} over {self.x}. " + " ".join(_summary(name, points) for name, points in self.lines)


def plot(
    title: str, lines: Mapping[str, Sequence[float] | Sequence[tuple[float, float]]], *, y: str, x: str = "message"
) -> Plot:
    """Return a plot of up to four lines.

    lines: name to values, or to pairs (x, y). y, x: what the axes show, with the unit: "delivery time (ms)".
    Raises CourseError for no line, too many, or a line without points.
    """
    if not 1 <= len(lines) <= len(DASHES):
        raise CourseError(f"plot() draws one to {len(DASHES)} lines, not {len(lines)}: leave some out")
    for name, values in lines.items():
        if not values:
            raise CourseError(f"plot(): the line {name!r} has no points; measure something first")
    return Plot(title, tuple((name, _points(values)) for name, values in lines.items()), x, y)


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high`, on pixels from `start` to `end`; `step` is from one tick to the next."""

    low: float
    high: float
    step: float
    start: int
    end: int

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        return round(self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        """Return the values to write at the axis: the multiples of `step`."""
        first, last = math.ceil(self.low / self.step - 1e-9), math.floor(self.high / self.step + 1e-9)
        return [number * self.step for number in range(first, last + 1)]


def _points(values: Sequence[float] | Sequence[tuple[float, float]]) -> Points:
    return tuple(value if isinstance(value, tuple) else (number + 1, value) for number, value in enumerate(values))


def _scale(values: Sequence[float], start: int, end: int, round_up: bool = False) -> Scale:
    low, high = min(values), max(values)
    high = high if high > low else low + 1
    step = _step((high - low) / TICKS)
    return Scale(low, math.ceil(high / step - 1e-9) * step if round_up else high, step, start, end)


def _step(rough: float) -> float:
    """Return 1, 2 or 5 times a power of ten, `rough` or the next above it."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * size for size in (1, 2, 5, 10) if power * size >= rough * (1 - 1e-9))


def _axes(across: Scale, up: Scale, x: str, y: str) -> list[str]:
    drawn = [
        f'<line class="grid" x1="{LEFT}" y1="{up(value)}" x2="{WIDTH - RIGHT}" y2="{up(value)}"/>'
        f'<text x="{LEFT - 6}" y="{up(value) + 4}" text-anchor="end">{value:.3g}</text>'
        for value in up.ticks()
    ]
    drawn += [
        f'<text x="{across(value)}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{value:.3g}</text>'
        for value in across.ticks()
    ]
    drawn.append(f'<text x="{(LEFT + WIDTH - RIGHT) // 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x)}</text>')
    drawn.append(f'<text x="8" y="{TOP - 14}">{escape(y)}</text>')
    return drawn


def _line(number: int, points: Points, across: Scale, up: Scale) -> str:
    path = " ".join(f"{across(x)},{up(y)}" for x, y in points)
    every = -(-len(points) // MARKERS)
    marks = "".join(_marker(number, across(x), up(y)) for x, y in points[::every])
    return f'<polyline class="s{number}" points="{path}"/>{marks}'


def _name(number: int, name: str) -> str:
    left, y = LEFT + number * (WIDTH - LEFT - RIGHT) // len(DASHES), 12
    sample = f'<line class="s{number}" x1="{left}" y1="{y}" x2="{left + 24}" y2="{y}"/>{_marker(number, left + 12, y)}'
    return f'{sample}<text x="{left + 30}" y="{y + 4}">{escape(name)}</text>'


def _marker(number: int, x: float, y: float) -> str:
    return f'<path class="m{number}" transform="translate({x} {y})" d="{SHAPES[number]}"/>'


def _summary(name: str, points: Points) -> str:
    values = [y for _, y in points]
    return f"{name}: {len(values)} points from {min(values):.3g} to {max(values):.3g}, the last {values[-1]:.3g}."
