"""An engine ends with the process that started it, even when that process is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.engines.processes import gone

START = """
import asyncio, sys, time
from course_app.engines.child_process import Engine
engine = Engine()
process = asyncio.run(engine.launch([sys.executable, "-c", "import time; time.sleep(60)"], lambda: True))
print(process.pid, engine.folder, flush=True)
if sys.argv[1] == "killed":
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("end", ["killed", "returned"])
def test_an_engine_ends_with_the_process_that_started_it(end: str) -> None:
    starter = subprocess.Popen([sys.executable, "-c", START, end], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    pid, folder = starter.stdout.readline().split()
    if end == "killed":
        assert not gone(int(pid), within=0.2)
        starter.kill()
    starter.wait()
    starter.stdout.close()
    assert gone(int(pid))
    deadline = time.monotonic() + 20
    while Path(folder).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(folder).exists()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_process_that_was_forgotten_is_left_alone(tmp_path: Path) -> None:
    sleeper = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        script = (
            "import sys; from pathlib import Path; from course_app.engines import reaper; "
            "reaper.watch(int(sys.argv[1]), Path(sys.argv[2])); reaper.forget(int(sys.argv[1])); "
            "reaper._reaper.stdin.close(); reaper._reaper.wait()"
        )
        subprocess.run([sys.executable, "-c", script, str(sleeper.pid), str(tmp_path)], check=True, timeout=60)
        assert sleeper.poll() is None and tmp_path.exists()
    finally:
        sleeper.kill()
        sleeper.wait()
