"""A program is started, waited for and stopped, whatever it does; and the helpers around it."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path

import pytest

from course_app import engines
from course_app.engines import child_process
from course_app.errors import CourseError

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


async def test_a_program_that_never_gets_ready_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "START_TIMEOUT", 0.3)
    engine = child_process.Engine()
    with pytest.raises(CourseError, match=r"was not ready within 0.3 s: no output$"):
        await engine.launch(SLEEP, lambda: False)
    assert not engine.folder.exists() and not engine.pids


async def test_a_program_that_ends_at_once_is_an_error_with_its_last_line() -> None:
    engine = child_process.Engine()
    with pytest.raises(CourseError, match=r"^engine: \S+ ended at once: no room$"):
        await engine.launch([sys.executable, "-c", "import sys; print('starting'); sys.exit('no room')"], lambda: False)
    assert not engine.folder.exists()


async def test_a_program_that_ignores_sigterm_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "STOP_TIMEOUT", 0.3)
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    )
    async with child_process.Engine() as engine:
        await engine.launch([sys.executable, "-c", stubborn], lambda: b"up" in engine.log.read_bytes())
        (pid,) = engine.pids
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_terminate_keeps_the_folder_and_stop_removes_it() -> None:
    async with child_process.Engine() as engine:
        await engine.launch(SLEEP, lambda: True)
        assert engine.running
        await engine.terminate()
        assert not engine.running and engine.pids == [] and engine.folder.exists()
    assert not engine.folder.exists()


async def test_stop_engines_stops_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "_engines", [])
    both = [child_process.Engine(), child_process.Engine()]
    for engine in both:
        await engine.launch(SLEEP, lambda: True)
    await engines.stop_engines()
    assert not any(engine.running or engine.folder.exists() for engine in both)
    assert child_process._engines == []


def test_a_port_that_is_taken_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    free = child_process.free_port()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = listener.getsockname()[1]
        candidates = iter([taken, free])
        monkeypatch.setattr("random.randrange", lambda *_: next(candidates))
        assert child_process.free_port() == free
        assert child_process.accepts_connections(taken)
    assert not child_process.accepts_connections(taken)


def test_a_program_is_found_in_the_folders_that_are_named(tmp_path: Path) -> None:
    program = tmp_path / "a-program-of-our-own"
    program.touch(mode=0o755)
    assert child_process.find_program(program.name, "install it", tmp_path) == str(program)
    with pytest.raises(CourseError, match="^a-program-of-our-own is not installed: install it$"):
        child_process.find_program(program.name, "install it")


def test_root_runs_programs_as_nobody_and_others_as_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert child_process.unprivileged_user() is None
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    user = child_process.unprivileged_user()
    assert user is not None and user.pw_name == "nobody"


async def test_tasks_can_stop_engines_at_the_same_time() -> None:
    both = [child_process.Engine(), child_process.Engine()]
    await asyncio.gather(*(engine.stop() for engine in both), *(engine.stop() for engine in both))
    assert not any(engine.folder.exists() for engine in both)
