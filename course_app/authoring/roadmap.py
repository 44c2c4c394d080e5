"""The dependencies between lessons as an SVG figure: a box per lesson, an arrow per need."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from html import escape

from ..manifest import Course, Lesson

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 270, 50, 16, 30, 10
LONGEST = 32  # characters of a title that fit a box
_STYLE = """
svg { color-scheme: light dark; }
rect { fill: #eef4fb; stroke: #2f6db0; stroke-width: 1.5; }
text { font: 13px system-ui, sans-serif; fill: #14202c; }
.minutes { font-size: 11px; fill: #3d4c5b; }
path { fill: none; stroke: #5f6f80; stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
  rect { fill: #1b2a3a; stroke: #79b0ea; }
  text { fill: #e9eef4; }
  .minutes { fill: #b9c6d3; }
  path { stroke: #98a7b6; }
}
"""


def roadmap(course: Course) -> str:
    """Return the figure as SVG. A lesson is right above the first one that needs it, so that no arrow crosses a box."""
    places = _places(course)
    width = MARGIN * 2 + (max(x for x, _ in places.values()) + 1) * (WIDTH + GAP_X) - GAP_X
    height = MARGIN * 2 + (max(y for _, y in places.values()) + 1) * (HEIGHT + GAP_Y) - GAP_Y
    pairs = [(need, lesson.slug) for lesson in course.lessons for need in _direct(course, lesson)]
    arrows = [_arrow(places[need], places[slug]) for need, slug in pairs]
    boxes = [_box(lesson, places[lesson.slug]) for lesson in course.lessons]
    needs = "; ".join(f"{lesson.title} needs {', '.join(lesson.needs) or 'nothing'}" for lesson in course.lessons)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" aria-labelledby="title desc">',
        f'<title id="title">The lessons of the course</title><desc id="desc">{escape(needs)}</desc>',
        f"<style>{_STYLE}</style>",
        '<marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 L8 4 L0 8"/></marker>',
        *arrows,
        *boxes,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _direct(course: Course, lesson: Lesson) -> list[str]:
    """Return what a lesson needs, without what those lessons need already."""
    return [need for need in lesson.needs if not any(need in _all_needs(course, other) for other in lesson.needs)]


def _all_needs(course: Course, slug: str) -> set[str]:
    needs = set(course.lesson(slug).needs)
    return needs.union(*(_all_needs(course, need) for need in needs))


def _places(course: Course) -> dict[str, tuple[int, int]]:
    """Return column and row of each lesson."""
    rows: dict[str, int] = {}
    for lesson in course.lessons:
        rows[lesson.slug] = 1 + max((rows[need] for need in lesson.needs), default=-1)
    for lesson in reversed(course.lessons):
        rows[lesson.slug] = min(
            (rows[other.slug] - 1 for other in course.lessons if lesson.slug in other.needs), default=rows[lesson.slug]
        )
    columns: dict[int, Iterator[int]] = {row: itertools.count() for row in rows.values()}
    return {slug: (next(columns[row]), row) for slug, row in rows.items()}


def _box(lesson: Lesson, place: tuple[int, int]) -> str:
    x, y = _corner(place)
    title = lesson.title if len(lesson.title) <= LONGEST else f"{lesson.title[: LONGEST - 1].rstrip()}…"
    return (
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="7"/>'
        f'<text x="{x + 10}" y="{y + 23}">{lesson.number:02d} · {escape(title)}</text>'
        f'<text class="minutes" x="{x + 10}" y="{y + 42}">{lesson.minutes} minutes</text>'
    )


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1, y1 = _corner(start)
    x2, y2 = _corner(end)
    x1, x2, y1 = x1 + WIDTH // 2, x2 + WIDTH // 2, y1 + HEIGHT
    bend = GAP_Y // 2
    return f'<path d="M{x1} {y1} C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2}" marker-end="url(#tip)"/>'


def _corner(place: tuple[int, int]) -> tuple[int, int]:
    return MARGIN + place[0] * (WIDTH + GAP_X), MARGIN + place[1] * (HEIGHT + GAP_Y)
