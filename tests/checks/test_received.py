"""What a client got: its kind, its JSON, and how diagnoses and transcripts word it."""

from __future__ import annotations

from typing import Any

import pytest

from course_app.checks.received import SHOWN, SHOWN_BODY, Received, close_frame_line, data_frame_line, show


@pytest.mark.parametrize(
    ("got", "closed", "lost", "is_message", "accepted", "words"),
    [
        (Received(text="hi"), False, False, True, False, "'hi'"),
        (Received(text=""), False, False, True, False, "''"),
        (Received(data=b"\x00\xff"), False, False, True, False, "binary 00 ff"),
        (Received(code=4001, reason="bye"), True, False, False, False, "close code 4001 'bye'"),
        (Received(code=1000), True, False, False, False, "close code 1000"),
        (Received(code=1006), True, True, False, False, "close code 1006"),
        (Received(status=403), False, False, False, False, "HTTP 403"),
        (Received(nothing=True), False, False, False, False, "nothing"),
        (Received(), False, False, False, True, "nothing"),
    ],
)
def test_each_kind(got: Received, closed: bool, lost: bool, is_message: bool, accepted: bool, words: str) -> None:
    assert (got.closed, got.lost, got.is_message, got.accepted) == (closed, lost, is_message, accepted)
    assert str(got) == words


@pytest.mark.parametrize(
    ("got", "value", "fields"),
    [
        (Received(text='{"a": 1}'), {"a": 1}, {"a": 1}),
        (Received(status=200, body=b'{"a": 1}'), {"a": 1}, {"a": 1}),
        (Received(text="[1]"), [1], {}),
        (Received(text="hello"), None, {}),
        (Received(text="9" * 5_000), None, {}),  # more digits than Python reads (sys.get_int_max_str_digits)
        (Received(text="[" * 100_000), None, {}),
        (Received(data=b'{"a": 1}'), None, {}),
        (Received(status=200, body=b"\xff"), None, {}),
        (Received(nothing=True), None, {}),
    ],
)
def test_json_is_read_from_a_text_or_a_body(got: Received, value: Any, fields: dict[str, Any]) -> None:
    assert (got.json, got.json_object) == (value, fields)


def test_a_body_is_worded_even_where_it_is_empty_long_or_no_text() -> None:
    assert Received(status=200).body_text == "nothing"
    assert Received(status=200, body=b"x" * 1000).body_text == "x" * SHOWN_BODY
    assert Received(status=200, body=b"a\xff").body_text == "a\N{REPLACEMENT CHARACTER}"


def test_long_payloads_are_shortened() -> None:
    assert show("x" * 100) == "'" + "x" * (SHOWN - 1) + "… [100 characters]"
    assert show(bytes(17)) == "binary " + "00 " * 15 + "00 …"
    assert show({"a": 1}) == "{'a': 1}"


def test_frames_are_written_as_in_transcripts() -> None:
    assert data_frame_line("é") == "TEXT 'é' [2 bytes]"
    assert data_frame_line(b"\x00\xff") == "BINARY 00 ff [2 bytes]"
    assert close_frame_line(1000) == "CLOSE 1000"
    assert close_frame_line(4001, "bye") == "CLOSE 4001 'bye'"
