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
    timer = threading.Timer(0.3, lambda: found.append(blocking_call.blame(ident)))
    timer.start()
    import slow_to_import  # noqa: F401

    timer.join()
    assert found == [None]
    sys.modules.pop("slow_to_import")
