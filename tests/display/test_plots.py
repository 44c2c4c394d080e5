"""Small plots: well-formed, the same each time, with a text alternative, and no figure in what nbval compares."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from course_app import CourseError
from course_app.display.plots import plot

SVG = "{http://www.w3.org/2000/svg}"


def test_each_line_is_drawn_named_and_told() -> None:
    made = plot(
        "Delivery <time>", {"loop & all": [1.0, 250.0, 3.0], "queues": [(1, 1.0), (3, 2.0)]}, y="ms", x="message"
    )
    root = ElementTree.fromstring(made.svg())
    lines = root.findall(f"{SVG}polyline")
    assert [len((line.get("points") or "").split()) for line in lines] == [3, 2]
    assert root.findtext(f"{SVG}title") == "Delivery <time>"
    told = root.findtext(f"{SVG}desc") or ""
    assert "loop & all: 3 points from 1 to 250, the last 3." in told and "ms over message" in told
    assert {text.text for text in root.findall(f"{SVG}text")} >= {"loop & all", "queues", "message", "ms"}


def test_a_greater_value_is_higher_and_a_later_one_further_right() -> None:
    root = ElementTree.fromstring(plot("t", {"a": [0.0, 5.0, 10.0]}, y="v").svg())
    line = root.find(f"{SVG}polyline")
    assert line is not None
    places = [tuple(map(float, place.split(","))) for place in (line.get("points") or "").split()]
    assert places == sorted(places) and [y for _, y in places] == sorted((y for _, y in places), reverse=True)


def test_equal_values_are_no_division_by_zero() -> None:
    ElementTree.fromstring(plot("t", {"a": [0.0], "b": [0.0, 0.0]}, y="v").svg())


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 250.0], ["0", "100", "200", "300"]),
        ([0.0007, 0.001], ["0", "0.0005", "0.001"]),
        ([-1.0, 1.0], ["-1", "-0.5", "0", "0.5", "1"]),
    ],
)
def test_ticks_are_round_numbers(values: list[float], expected: list[str]) -> None:
    root = ElementTree.fromstring(plot("t", {"a": values}, y="v").svg())
    assert [text.text for text in root.findall(f"{SVG}text") if text.get("text-anchor") == "end"] == expected


def test_the_text_holds_no_figure() -> None:
    assert (
        repr(plot("Queue", {"slow": [1.5, 2.5]}, y="messages", x="time (s)"))
        == "<plot: Queue; messages over time (s); slow>"
    )


@pytest.mark.parametrize(
    ("lines", "message"),
    [({}, "one to 4"), ({str(n): [1.0] for n in range(5)}, "one to 4"), ({"a": []}, "'a' has no points")],
)
def test_what_cannot_be_drawn(lines: dict[str, Any], message: str) -> None:
    with pytest.raises(CourseError, match=message):
        plot("t", lines, y="v")
