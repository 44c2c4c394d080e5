"""Lines of websockets' log become events, without anything that differs from run to run."""

from __future__ import annotations

import pytest
from websockets.frames import Close, Frame, Opcode

from course_app.client.recorder import Recorder, describe_close

CLOSE = Close(4001, "bye").serialize()


@pytest.mark.parametrize(
    ("template", "values", "line"),
    [
        ("> %s", (Frame(Opcode.TEXT, b"hi"),), "> TEXT 'hi' [2 bytes]"),
        ("< %s", (Frame(Opcode.BINARY, b"\x00\x01"),), "< BINARY 00 01 [2 bytes]"),
        ("> %s", (Frame(Opcode.PING, b"\x9a\x01random"),), "% PING sent"),
        ("< %s", (Frame(Opcode.PONG, b"\x9a\x01random"),), "% PONG received"),
        ("< %s", (Frame(Opcode.CLOSE, CLOSE),), "< CLOSE 4001 (private use) bye"),
        ("> GET %s HTTP/1.1", ("/ws",), "> GET /ws"),
        ("< HTTP/1.1 %d %s", (101, "Switching Protocols"), "< 101 Switching Protocols"),
    ],
)
def test_a_frame_and_a_handshake_are_events(template: str, values: tuple[object, ...], line: str) -> None:
    recorder = Recorder("A", None)
    recorder.take(template, values)
    assert str(recorder.own) == line


@pytest.mark.parametrize(
    ("template", "values"), [("= connection is OPEN", ()), ("> %s: %s", ("Host", "x")), ("> %s", ())]
)
def test_other_lines_of_the_log_are_left_out(template: str, values: tuple[object, ...]) -> None:
    recorder = Recorder("A", None)
    recorder.take(template, values)
    assert len(recorder.own) == 0


def test_a_hint_needs_a_server_and_a_code_of_failure() -> None:
    assert Recorder("A", None).hint(1011) == ""


@pytest.mark.parametrize(
    ("code", "reason", "text"),
    [(1000, "", "1000 (OK)"), (1006, "", "1006 (connection lost)"), (4001, "bye", "4001 (private use) bye")],
)
def test_a_close_is_described(code: int, reason: str, text: str) -> None:
    assert describe_close(code, reason) == text
