"""The call that blocks a thread is found in the learner's code, and nowhere else."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from course_app.serving import blocking_call

pytestmark = pytest.mark.asyncio


async def test_importing_is_nobodys_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(1.0)\n")
    monkeypatch.syspath_prepend(tmp_path)
    found: list[object] = []
    ident = threading.get_ident()
    timer = threading.Timer(0.3, lambda: found.append(blocking_call.find_blocking_call(ident)))
    timer.start()
    import slow_to_import  # noqa: F401

    timer.join()
    assert found == [None]
    sys.modules.pop("slow_to_import")


def blamed_while(source: str, tmp_path: Path) -> tuple[str, str] | None:
    """Return what is blamed for this thread while it runs `source` from a file of the learner's."""
    path = tmp_path / "mine.py"
    path.write_text(source, encoding="utf-8")
    found: list[tuple[str, str] | None] = []
    ident = threading.get_ident()
    timer = threading.Timer(0.2, lambda: found.append(blocking_call.find_blocking_call(ident)))
    timer.start()
    exec(compile(source, str(path), "exec"), {})
    timer.join()
    return found[0]


@pytest.mark.parametrize(
    ("source", "call", "fix"),
    [
        ("import time\ntime.sleep(0.5)", "`time.sleep(0.5)` at line 2 of mine.py", "write `await asyncio.sleep(0.5)`"),
        (
            "import threading\nthreading.Event().wait(0.5)",
            "`threading.Event().wait(0.5)` at line 2",
            "use an async library",
        ),
        (
            "import time\nend = time.monotonic() + 0.5\nwhile time.monotonic() < end:\n    pass",
            "of mine.py",
            "",
        ),
    ],
)
async def test_the_blocking_call_and_its_fix_are_named(source: str, call: str, fix: str, tmp_path: Path) -> None:
    found = blamed_while(source, tmp_path)
    assert found is not None and call in found[0] and fix in found[1]


async def test_a_thread_outside_of_learners_code_is_not_blamed() -> None:
    idle = threading.Event()
    thread = threading.Thread(target=idle.wait, daemon=True)
    thread.start()
    try:
        assert blocking_call.find_blocking_call(thread.ident or 0) is None
        assert not blocking_call.runs_learners_code(sys._current_frames()[thread.ident or 0])
    finally:
        idle.set()
        thread.join()
    assert blocking_call.runs_learners_code(sys._getframe())
