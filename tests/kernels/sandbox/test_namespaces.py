"""A kernel in the sandbox, forked or started: what it sees, what it may do, and how it lives as process 1."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket

from course_app.grading.remote_backend import RemoteBackend
from course_app.kernels.kernel import Kernel
from course_app.kernels.rpc_client import RpcClient
from course_app.kernels.sandbox import policy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is made of Linux namespaces")
LIMIT = 20.0


async def printed(kernel: Kernel, source: str) -> str:
    """Run a cell that must succeed, and return what it printed."""
    result = await kernel.execute(source, timeout=LIMIT)
    assert result.status == "ok", result.detail
    return "".join(output.get("text", "") for output in result.outputs)


@pytest.fixture(params=["forked", "started"])
def how(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
async def kernel(course: Any, how: Any) -> AsyncIterator[Kernel]:
    async with await Kernel.start(how=how, sandbox=policy.course_sandbox(course.root)) as kernel:
        assert (kernel.why_started == "") is (how == "forked")
        yield kernel


async def test_it_sees_python_and_nothing_of_the_course(kernel, course):
    seen = await printed(kernel, f"import os; print(sorted(os.listdir({str(course.root)!r})))")
    assert set(json.loads(seen.replace("'", '"'))) <= {"course_app", ".venv", "venv"}
    facts = await printed(
        kernel, "import socket; print(os.getpid(), os.getppid(), socket.gethostname(), os.getuid() == 0)"
    )
    assert facts.split()[:3] == ["1", "0", "sandbox"]
    assert facts.split()[3] == str(os.getuid() == 0 and not _can_change_user())


def _can_change_user() -> bool:
    with open("/proc/self/uid_map", encoding="ascii") as file:
        return sum(int(line.split()[2]) for line in file) > 65_536


async def test_it_has_no_privileges_and_no_way_to_any(kernel):
    status = await printed(kernel, "print(open('/proc/self/status').read())")
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert f"{name}:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    source = "import ctypes; print(ctypes.CDLL(None, use_errno=True).unshare(0x10000000))"
    assert await printed(kernel, source) == "-1\n", "it made a user namespace of its own"


async def test_it_can_import_everything_that_a_lesson_needs(kernel):
    source = "import course_app, fastapi, sqlite3, ssl, redis; from course_app import serve; print(course_app.__file__)"
    assert await printed(kernel, source) == f"{sys.modules['course_app'].__file__}\n"


async def test_no_descriptor_leads_out_of_it(kernel):
    source = (
        "import glob, os\n"
        "links = [os.readlink(path) for path in glob.glob('/proc/self/fd/*') if os.path.lexists(path)]\n"
        "print(sorted({one for one in links if not one.startswith(('pipe:', 'socket:', 'anon_inode:'))}))"
    )
    assert await printed(kernel, source) == "['/dev/null']\n"


async def test_an_interrupt_stops_a_cell_though_the_kernel_is_process_1(kernel):
    stuck = await kernel.execute("import time\ntime.sleep(60)", timeout=0.5)
    assert stuck.status == "timeout" and stuck.detail.endswith("in line 2: time.sleep(60)")
    assert await printed(kernel, "print(1)") == "1\n"


async def test_processes_that_it_leaves_behind_end_with_it(kernel):
    source = (
        "import os, time\n"
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(600)\n    os._exit(0)\n"
        "os.wait()\nprint([pid for pid in os.listdir('/proc') if pid.isdigit()])"
    )
    assert len((await printed(kernel, source)).split()) == 2, "the kernel and the process that left it"
    assert await printed(kernel, "import subprocess; print(subprocess.run(['true']).returncode)") == "0\n"
    proc = os.dup(kernel._launched.process.descriptors[1])
    await kernel.stop()
    with pytest.raises(OSError):
        os.stat("1", dir_fd=proc)
    os.close(proc)


@pytest.mark.parametrize(
    ("source", "ending"),
    [
        ("import os; os._exit(3)", "the kernel ended itself with exit code 3"),
        ("import ctypes; ctypes.string_at(0)", "the kernel was ended by SIGSEGV"),
    ],
)
async def test_its_end_is_seen(kernel, source, ending):
    result = await kernel.execute(source, timeout=600)
    assert (result.status, result.detail) == ("dead", ending)


async def test_memory_is_limited(kernel):
    hungry = await kernel.execute("x = bytearray(2 * 2**30)", timeout=LIMIT)
    assert (hungry.status, hungry.detail) == ("error", "MemoryError, in line 1: x = bytearray(2 * 2**30)")
    assert await printed(kernel, "x = bytearray(200 * 2**20); print(len(x))") == "209715200\n"


async def test_files_are_limited_and_go_into_the_scratch_folder_alone(kernel):
    source = (
        "import tempfile\n"
        "with tempfile.NamedTemporaryFile() as file:\n"
        "    try: file.write(b'x' * 40_000_000)\n"
        "    except OSError as error: print(error.strerror)\n"
        "try: open('/usr/x', 'w')\nexcept OSError as error: print(error.strerror)"
    )
    assert await printed(kernel, source) == "File too large\nRead-only file system\n"
    assert os.listdir(kernel.outside_folder / "work") == []


async def test_a_strict_umask_of_the_grader_hides_nothing(course, how):
    umask = os.umask(0o077)
    try:
        async with await Kernel.start(how=how, sandbox=policy.course_sandbox(course.root)) as kernel:
            source = "import sqlite3, subprocess, sys; print(subprocess.run([sys.executable, '-c', '']).returncode)"
            assert await printed(kernel, source) == "0\n"
    finally:
        os.umask(umask)


async def test_a_folder_inside_of_what_is_shown_is_covered(how):
    async with await Kernel.start(how=how, sandbox=policy.Sandbox(hidden=("/usr/share",))) as kernel:
        listed = await printed(kernel, "import os; print(os.listdir('/usr/share'), 'lib' in os.listdir('/usr'))")
        assert listed == "[] True\n"


async def test_one_kernel_sees_no_other(course, how):
    sandbox = policy.course_sandbox(course.root)
    async with (
        await Kernel.start(how=how, sandbox=sandbox) as one,
        await Kernel.start(how=how, sandbox=sandbox) as other,
    ):
        await printed(one, "import socket; s = socket.socket(socket.AF_UNIX); s.bind('\\0mine'); s.listen()")
        reached = await printed(
            other,
            "import socket, os\ns = socket.socket(socket.AF_UNIX)\n"
            f"print(s.connect_ex('\\0mine') != 0, os.path.exists({str(one.folder)!r}), os.listdir('/proc').count('2'))",
        )
        assert reached.startswith("True False")


async def test_sockets_of_the_grader_can_be_reached_from_inside(kernel, course):
    app = FastAPI()

    @app.websocket("/ws")
    async def greet(websocket: WebSocket):
        await websocket.accept()
        await websocket.send_text("hello from outside")
        await websocket.close()

    rpc = RpcClient(kernel)
    remote = RemoteBackend(rpc, course.task("echo.1"))
    address = await remote.host(app)
    try:
        said = await printed(
            kernel,
            "from course_app import connect\n"
            f"async with connect({address!r}, '/ws') as ws:\n    print(await ws.recv())",
        )
    finally:
        await remote.close()
        rpc.close()
    assert said == "hello from outside\n"
