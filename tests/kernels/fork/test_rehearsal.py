"""What the warm parent does before it forks: it is really done, and nothing is left of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from course_app.kernels.kernel import Kernel

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm kernels need Linux")
LIMIT = 20.0

TRACES = """\
import asyncio, gc, logging, os, threading
import uvicorn, websockets
from course_app.kernels.fork import prewarmed as prepared, rehearsal
shell = prepared.prepare()

def traces():
    gc.collect()
    tasks = [one for one in gc.get_objects() if isinstance(one, asyncio.Task) and not one.done()]
    loops = [one for one in gc.get_objects() if isinstance(one, asyncio.AbstractEventLoop) and not one.is_closed()]
    names = ("", "uvicorn", "uvicorn.error", "uvicorn.access", "websockets", "asyncio")
    loggers = [(one.level, one.propagate, one.handlers[:]) for one in map(logging.getLogger, names)]
    return [len(tasks), len(loops), len(threading.enumerate()), len(os.listdir("/proc/self/fd")), loggers,
            sorted(shell.user_ns), shell.execution_count, shell.history_manager.input_hist_raw[:],
            asyncio.get_event_loop_policy()._local._set_called,
            os.listdir(os.environ["TMPDIR"])]

before = traces()
log = rehearsal.rehearse(shell)
assert "WebSocketDisconnect" in log, log
after = traces()
assert after == before, (before, after)
"""


def test_a_rehearsal_leaves_nothing_but_what_python_remembers(tmp_path):
    env = {"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONWARNINGS": "error::ResourceWarning"}
    done = subprocess.run([sys.executable, "-c", TRACES], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


async def test_a_forked_kernel_has_rehearsed():
    async with await Kernel.start() as kernel:
        result = await kernel.execute(
            "import linecache, tokenize\n"
            "[any(name.endswith('starlette/websockets.py') for name in linecache.cache),"
            " tokenize._compile.cache_info().currsize > 0]",
            timeout=LIMIT,
        )
    assert result.outputs[0]["data"]["text/plain"] == "[True, True]"
