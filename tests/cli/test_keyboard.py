"""Keys come one by one from a terminal, whose settings are restored."""

from __future__ import annotations

import asyncio
import io
import os
import sys

import pytest

from course_app.cli.keyboard import keys

pytestmark = [pytest.mark.asyncio, pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pty")]


async def test_each_key_is_reported_without_a_newline(monkeypatch: pytest.MonkeyPatch) -> None:
    import pty
    import termios

    ours, theirs = pty.openpty()
    pressed: asyncio.Queue[str] = asyncio.Queue()
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        before = termios.tcgetattr(theirs)
        with keys(pressed.put_nowait) as readable:
            assert readable
            os.write(ours, b"hn")
            assert [await asyncio.wait_for(pressed.get(), 10) for _ in range(2)] == ["h", "n"]
        assert termios.tcgetattr(theirs) == before
    os.close(ours)


async def test_where_there_is_no_terminal_no_key_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("h"))
    pressed: list[str] = []
    with keys(pressed.append) as readable:
        assert not readable
        await asyncio.sleep(0)
    assert pressed == []
