"""Events are lines of text, and their time is no part of it."""

from __future__ import annotations

from course_app.display.events import RECEIVED, SENT, STATE, Event, lines


def test_a_line_is_the_mark_and_the_text() -> None:
    assert str(Event("A", SENT, "TEXT 'hi' [2 bytes]", 1.5)) == "> TEXT 'hi' [2 bytes]"


def test_time_makes_no_difference() -> None:
    assert Event("A", STATE, "CLOSED", 1.0) == Event("A", STATE, "CLOSED", 2.0)
    assert Event("A", STATE, "CLOSED") != Event("B", STATE, "CLOSED")


def test_lanes_are_named_where_there_is_more_than_one() -> None:
    one, two = Event("A", SENT, "x"), Event("long", RECEIVED, "y")
    assert lines([one, one]) == "> x\n> x"
    assert lines([one, two]) == "A    > x\nlong < y"
    assert lines([]) == ""
