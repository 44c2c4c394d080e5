"""Forked kernels: they are what started kernels are, they die when they should, and they leave nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from course_app.kernels.fork import fork_client
from course_app.kernels.fork.fingerprint import SOCKET
from course_app.kernels.kernel import Kernel

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
PATIENCE = 30.0


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid)


@pytest.fixture
def server_folder(short_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give this test a fork server of its own; yield the folder that its own folder lies in."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_path))
    monkeypatch.setenv("COURSE_FORK_IDLE", "120")
    yield short_path
    for name in short_path.glob(f"course-fork-*/{SOCKET}"):
        name.unlink()


def servers(folder: Path) -> list[psutil.Process]:
    return [one for one in psutil.process_iter(["cmdline"]) if str(folder) in " ".join(one.info["cmdline"] or [])]


async def printed(kernel: Kernel, source: str) -> str:
    """Run a cell that must succeed, and return what it printed."""
    result = await kernel.execute(source, timeout=PATIENCE)
    assert result.status == "ok", result.detail
    return "".join(one["text"] for one in result.outputs if one["output_type"] == "stream")


async def test_a_kernel_is_forked_and_runs_where_it_is_asked_to(server_folder, tmp_path):
    async with await Kernel.start(cwd=tmp_path, env={**os.environ, "COURSE_TEST": "yes"}) as kernel:
        assert kernel.why_started == ""
        text = await printed(
            kernel,
            "import os, sys\n"
            "print(os.getcwd(), os.environ['COURSE_TEST'], os.getsid(0) == os.getpid(), 'fastapi' in sys.modules,"
            " os.readlink('/proc/self/fd/0'))",
        )
    assert text.split() == [str(tmp_path), "yes", "True", "True", "/dev/null"]


async def test_two_kernels_share_no_random_state_and_no_variables(server_folder):
    source = "import random, uuid; secret = 1; print(random.random(), uuid.uuid4())"
    async with await Kernel.start() as first, await Kernel.start() as second:
        assert await printed(first, source) != await printed(second, source)
        assert await printed(second, "print('secret' in globals())") == "True\n"
    async with await Kernel.start() as third:
        assert await printed(third, "print('secret' in globals())") == "False\n"


async def test_an_event_loop_runs_in_the_kernel_and_top_level_await_works(server_folder):
    async with await Kernel.start() as kernel:
        source = "import asyncio\nawait asyncio.sleep(0)\nprint(asyncio.get_running_loop().is_running())"
        assert await printed(kernel, source) == "True\n"


@pytest.mark.parametrize("how", ["forked", "started"])
def test_a_kernel_dies_with_whoever_started_it(server_folder, how):
    program = (
        "import os, sys\nfrom course_app.kernels.launch import launch\n"
        f"print(launch(how={how!r}).process.pid, flush=True)\nos.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)
    until(lambda: gone(int(done.stdout)), "the kernel outlived its manager")


async def test_kernels_survive_the_fork_servers_death_and_the_next_one_gets_a_new_server(server_folder):
    async with await Kernel.start() as kernel:
        await printed(kernel, "kept = 1")
        server = psutil.Process(kernel.pid).parent().parent()
        assert "course_app.kernels.fork.fork_server" in server.cmdline()
        server.kill()
        server.wait(PATIENCE)
        assert await printed(kernel, "print(kept)") == "1\n"
        async with await Kernel.start() as second:
            assert second.why_started == ""
            assert await printed(second, "print(2)") == "2\n"


def test_the_server_ends_when_idle_and_leaves_no_folder(server_folder, monkeypatch):
    monkeypatch.setenv("COURSE_FORK_IDLE", "0.1")
    fork_client.start_server()
    until(lambda: bool(list(server_folder.glob(f"course-fork-*/{SOCKET}"))), "the server never listened")
    until(lambda: not list(server_folder.glob("course-fork-*")), "the server left its folder")
    until(lambda: not servers(server_folder), "the server lives")


def test_a_folder_too_long_for_a_socket_is_named_at_once(server_folder, monkeypatch):
    deep = server_folder / ("d" * 90)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    with pytest.raises(fork_client.NotForked, match="too long for a Unix socket; set XDG_RUNTIME_DIR"):
        fork_client.server_folder()


def test_a_folder_of_somebody_else_is_refused(server_folder):
    fork_client.server_folder().chmod(0o755)
    with pytest.raises(fork_client.NotForked, match="not this user's own"):
        fork_client.server_folder()


async def test_no_zombie_is_left(server_folder):
    async with await Kernel.start() as kernel:
        await printed(kernel, "1")
    until(lambda: gone(kernel.pid), "the kernel is still in the process table")
    until(
        lambda: all(one.status() != psutil.STATUS_ZOMBIE for one in servers(server_folder)), "a supervisor is a zombie"
    )
