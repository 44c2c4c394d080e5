"""Warm kernels: they are what plain kernels are, they die when they should, and they leave nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import LocalProvisioner

from course_app.kernels import supervised_process
from course_app.kernels.fork import fork_client, fork_server
from course_app.kernels.fork.fingerprint import PREFIX, SOCKET

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="warm kernels need Linux; elsewhere the fallback is tested"
)
PATIENCE = 30.0


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid)


@pytest.fixture
def parent(short_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A warm parent of this test's own; its folder."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_path))
    monkeypatch.setenv("COURSE_WARM_IDLE", "120")
    yield short_path
    for name in short_path.glob("course-warm-*/" + SOCKET):
        name.unlink()


def parents() -> list[psutil.Process]:
    folder = os.environ["XDG_RUNTIME_DIR"]
    return [one for one in psutil.process_iter(["cmdline"]) if folder in " ".join(one.info["cmdline"] or [])]


@pytest.fixture
def managers(parent: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], KernelManager]]:
    monkeypatch.setenv("JUPYTER_PATH", str(fork_client.KERNELS))
    started: list[KernelManager] = []

    def start(**options: object) -> KernelManager:
        manager = KernelManager(kernel_name=fork_client.NAME)
        manager.start_kernel(**options)
        started.append(manager)
        return manager

    yield start
    for manager in started:
        manager.shutdown_kernel(now=True)


def run(manager: KernelManager, source: str) -> tuple[str, str]:
    """Return the status of the cell, and what it printed."""
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=PATIENCE)
    printed: list[str] = []

    def hook(message: dict) -> None:
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    reply = client.execute_interactive(source, timeout=PATIENCE, output_hook=hook)
    client.stop_channels()
    return reply["content"]["status"], "".join(printed)


def test_a_warm_kernel_is_forked_and_runs_where_it_is_asked_to(managers, tmp_path):
    manager = managers(cwd=str(tmp_path), env={**os.environ, "COURSE_TEST": "yes"})
    assert isinstance(manager.provisioner.process, supervised_process.KernelProcess)
    status, printed = run(
        manager,
        "import os, sys, threading, signal\n"
        "print(os.getcwd(), os.environ['COURSE_TEST'], os.getsid(0) == os.getpid(), 'fastapi' in sys.modules,"
        " sys.argv[0], sys.stdin.__class__.__name__, os.readlink('/proc/self/fd/0'))",
    )
    assert status == "ok"
    assert printed.split()[:4] == [str(tmp_path), "yes", "True", "True"]
    assert printed.split()[-1] == "/dev/null"


def test_two_kernels_share_no_random_state_and_no_variables(managers):
    first, second = managers(), managers()
    source = "import random, uuid; secret = 1; print(random.random(), uuid.uuid4())"
    assert run(first, source)[1] != run(second, source)[1]
    assert run(second, "print('secret' in globals())")[1] == "True\n"
    third = managers()
    assert run(third, "print('secret' in globals())")[1] == "False\n"


def test_an_event_loop_runs_in_the_kernel_and_top_level_await_works(managers):
    status, printed = run(
        managers(), "import asyncio\nawait asyncio.sleep(0)\nprint(asyncio.get_running_loop().is_running())"
    )
    assert (status, printed) == ("ok", "True\n")


def test_an_interrupt_reaches_the_cell_and_the_kernel_lives_on(managers):
    manager = managers()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=PATIENCE)
    asked = client.execute("print('on', flush=True)\nwhile True: pass")
    until(lambda: client.get_iopub_msg(timeout=PATIENCE)["msg_type"] == "stream", "the cell never began")
    manager.interrupt_kernel()
    reply = client.get_shell_msg(timeout=PATIENCE)
    while reply["parent_header"]["msg_id"] != asked:
        reply = client.get_shell_msg(timeout=PATIENCE)
    client.stop_channels()
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert run(manager, "print(1 + 1)") == ("ok", "2\n")


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("import os; os._exit(7)", 7),
        ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    ],
)
def test_the_exit_code_is_the_kernels_own(managers, source, code):
    manager = managers()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=PATIENCE)
    client.execute(source)
    until(lambda: not manager.is_alive(), "the death was not seen")
    client.stop_channels()
    assert manager.provisioner.process.returncode == code


def test_a_polite_shutdown_and_a_restart_work(managers):
    manager = managers()
    before = manager.provisioner.pid
    run(manager, "kept = 1")
    manager.restart_kernel()
    assert run(manager, "print('kept' in globals())") == ("ok", "False\n")
    assert manager.provisioner.pid != before
    manager.shutdown_kernel()
    until(lambda: gone(before), "the first kernel is still there")


def test_children_that_detached_themselves_are_killed_with_the_kernel(managers):
    manager = managers()
    detach = (
        "import os, time\n"
        "r, w = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.write(w, str(os.getpid()).encode()); time.sleep(600)\n"
        "    os._exit(0)\n"
        "os.wait(); print(os.read(r, 20).decode())"
    )
    status, printed = run(manager, detach)
    assert status == "ok"
    grandchild = int(printed)
    assert psutil.pid_exists(grandchild)
    manager.shutdown_kernel(now=True)
    until(lambda: gone(grandchild), "a detached process outlived its kernel")


def test_a_kernel_dies_with_whoever_started_it(parent, tmp_path):
    program = (
        "import os, sys\nfrom course_app.kernels.fork import fork_client as warm\n"
        "argv = [sys.executable, '-m', 'ipykernel_launcher', '-f', sys.argv[1]]\n"
        "kernel = warm.start(argv, os.environ, os.getcwd())\n"
        "print(kernel.pid, flush=True)\nos.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "kernel.json")], capture_output=True, text=True, timeout=PATIENCE
    )
    pid = int(done.stdout)
    until(lambda: gone(pid), "the kernel outlived its manager")


def test_kernels_survive_their_parents_death_and_the_next_one_gets_a_new_parent(managers):
    manager = managers()
    run(manager, "kept = 1")
    parent_of_keeper = psutil.Process(manager.provisioner.pid).parent().parent()
    # A plain kernel's grandparent is pytest itself.
    assert "course_app.kernels.fork.fork_server" in parent_of_keeper.cmdline()
    parent_of_keeper.kill()
    assert run(manager, "print(kept)") == ("ok", "1\n")
    assert run(managers(), "print(2)") == ("ok", "2\n")


def test_the_parent_ends_when_idle_and_leaves_no_folder(parent, monkeypatch):
    monkeypatch.setenv("COURSE_WARM_IDLE", "0.1")
    fork_client.start_parent()
    until(fork_client.is_running, "the parent never listened")
    until(lambda: not list(parent.glob("course-warm-*")), "the parent left its folder")
    until(lambda: not parents(), "the parent lives")


def test_a_changed_package_has_a_parent_of_its_own(parent, monkeypatch):
    before = fork_client.folder()
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    assert fork_client.folder() != before


def test_a_folder_too_long_for_a_socket_is_named_at_once(parent, monkeypatch):
    deep = parent / ("d" * 90)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    with pytest.raises(fork_client.NotWarm, match="too long for a Unix socket; set XDG_RUNTIME_DIR"):
        fork_client.folder()


def test_a_folder_of_somebody_else_is_refused(parent):
    fork_client.folder().chmod(0o755)
    with pytest.raises(fork_client.NotWarm, match="not this user's own"):
        fork_client.folder()


@pytest.mark.parametrize("reason", ["another platform", "another python"])
def test_a_plain_kernel_is_started_where_a_warm_one_cannot_be(managers, monkeypatch, caplog, reason):
    if reason == "another platform":
        monkeypatch.setattr(fork_client.sys, "platform", "darwin")
    else:
        monkeypatch.setattr(fork_client.sys, "executable", "/nowhere/python")
        monkeypatch.setattr(LocalProvisioner, "launch_kernel", _launched_plainly)
        with pytest.raises(RuntimeError, match="plainly"):
            managers()
        return
    manager = managers()
    assert isinstance(manager.provisioner.process, subprocess.Popen)
    assert run(manager, "print(3)") == ("ok", "3\n")


async def _launched_plainly(*_args: object, **_options: object) -> None:
    raise RuntimeError("started plainly")


def test_no_zombie_is_left(managers):
    manager = managers()
    run(manager, "1")
    pid = manager.provisioner.pid
    manager.shutdown_kernel(now=True)
    until(lambda: gone(pid), "the kernel is still in the process table")
    until(lambda: all(one.status() != psutil.STATUS_ZOMBIE for one in parents()), "a keeper is a zombie")


def test_what_a_killed_manager_left_is_swept_and_what_others_use_is_not(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    names = [f"{PREFIX}{dead.pid}-abc", f"{PREFIX}{os.getpid()}-abc", f"{PREFIX}abc", f"other-{dead.pid}-abc"]
    for name in names:
        (tmp_path / name / "s").mkdir(parents=True)
    fork_server._sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[1:])
