"""A transcript is the same text on every machine."""

from __future__ import annotations

from course_app.display.events import Event
from course_app.display.transcript import Transcript


def test_one_lane_has_no_names() -> None:
    transcript = Transcript()
    transcript.add("A", ">", "GET /ws")
    transcript.add("A", "<", "101 Switching Protocols")
    assert str(transcript) == repr(transcript) == "> GET /ws\n< 101 Switching Protocols"


def test_several_lanes_are_padded_to_the_longest_name_in_order() -> None:
    transcript = Transcript()
    transcript.add("A", ">", "GET /ws")
    transcript.add("Zoë", ">", "GET /ws")
    transcript.add("A", "=", "CLOSED 1000 (OK)")
    assert str(transcript) == "A   > GET /ws\nZoë > GET /ws\nA   = CLOSED 1000 (OK)"
    assert transcript.lanes == ["A", "Zoë"]


def test_time_is_kept_but_is_no_part_of_text_or_equality() -> None:
    early, late = Event("A", ">", "TEXT 'hi' [2 bytes]", 0.1), Event("A", ">", "TEXT 'hi' [2 bytes]", 9.0)
    assert early == late
    assert str(early) == str(late)
    assert early != Event("A", "<", "TEXT 'hi' [2 bytes]", 0.1)


def test_events_are_in_order_of_time_and_clear_forgets_them() -> None:
    transcript = Transcript()
    for number in range(3):
        transcript.add("A", ">", str(number))
    times = [event.at for event in transcript.events]
    assert times == sorted(times)
    assert len(transcript) == 3
    transcript.clear()
    assert str(transcript) == ""
    assert transcript.lanes == []
