"""The supervisor: signals arrive, the exit code is the process's own, and nothing is left of it, however it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from course_app.kernels import supervisor
from course_app.kernels.supervised_process import ProcessRequest, SupervisedProcess, start

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are supervised on Linux only")
PATIENCE = 30.0
DETACH = """\
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open("pid.new", "w").write(str(os.getpid()))
        os.rename("pid.new", "pid")
        time.sleep(600)
    os._exit(0)
os.wait()
while not os.path.exists("pid"):
    time.sleep(0.01)
"""


def until(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def run(source: str, folder: Path, scratch: str = "") -> SupervisedProcess:
    """Start Python on a program, in that folder; what it prints is in the file `out`."""
    with (folder / "out").open("wb") as out:
        fd = out.fileno()
        request = ProcessRequest([sys.executable, "-c", source], {"A": "b"}, str(folder), fd, fd, scratch)
        return start(request)


def test_a_process_has_a_session_its_own_environment_and_no_other_descriptors(tmp_path):
    with (tmp_path / "held").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        source = (
            "import os\n"
            "print(os.getsid(0) == os.getpid(), os.getcwd(), dict(os.environ).get('A'), 'HOME' in os.environ,\n"
            "      os.readlink('/proc/self/fd/0'), len(os.listdir('/proc/self/fd')))"
        )
        assert run(source, tmp_path).wait(PATIENCE) == 0
    printed = (tmp_path / "out").read_text().split()
    assert printed == ["True", str(tmp_path), "b", "False", "/dev/null", "4"]  # the fourth is the listing's own


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("pass", 0),
        ("import os; os._exit(7)", 7),
        ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    ],
)
def test_the_exit_code_is_the_processs_own(tmp_path, source, code):
    process = run(source, tmp_path)
    assert process.wait(PATIENCE) == process.returncode == code


def test_a_signal_reaches_the_process_and_its_group(tmp_path):
    source = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    try: time.sleep(600)\n"
        "    except KeyboardInterrupt: open('child', 'w').close(); os._exit(0)\n"
        "open('ready', 'w').close()\n"
        "try: time.sleep(600)\n"
        "except KeyboardInterrupt: os.wait(); os._exit(3)"
    )
    process = run(source, tmp_path)
    until((tmp_path / "ready").exists, "the process never began")
    time.sleep(0.1)  # its child sleeps by now, too
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 3
    assert (tmp_path / "child").exists()


@pytest.mark.parametrize("ending", ["killed", "by itself"])
def test_a_descendant_that_detached_itself_is_killed(tmp_path, ending):
    process = run(DETACH + ("time.sleep(600)" if ending == "killed" else ""), tmp_path)
    until((tmp_path / "pid").exists, "nothing was detached")
    detached = int((tmp_path / "pid").read_text())
    if ending == "killed":
        assert psutil.pid_exists(detached)
        process.kill()
    process.wait(PATIENCE)
    assert not psutil.pid_exists(detached)
    assert not psutil.pid_exists(process.pid)


def test_the_scratch_folder_is_removed_in_the_end(tmp_path):
    scratch = tmp_path / "scratch"
    (scratch / "s").mkdir(parents=True)
    process = run("import time; time.sleep(600)", tmp_path, str(scratch))
    assert scratch.exists()
    process.kill()
    process.wait(PATIENCE)
    until(lambda: not scratch.exists(), "the scratch folder is still there")


def test_a_process_does_not_outlive_its_manager(tmp_path):
    program = (
        "import os, sys\nfrom course_app.kernels.supervised_process import ProcessRequest, start\n"
        "argv = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
        "print(start(ProcessRequest(argv, {}, '/', 1, 2)).pid, flush=True)\nos.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)
    until(lambda: not psutil.pid_exists(int(done.stdout)), "the process outlived its manager")


def test_a_killed_supervisor_takes_its_process_along(tmp_path):
    process = run("import time; time.sleep(600)", tmp_path)
    parent = psutil.Process(process.pid).parent()
    assert parent is not None and "supervisor.py" in " ".join(parent.cmdline())
    parent.kill()
    assert process.wait(PATIENCE) == -signal.SIGKILL
    until(lambda: not psutil.pid_exists(process.pid), "the process outlived its supervisor")


def test_a_request_that_ends_too_early_starts_nothing():
    ours, theirs = socket.socketpair()
    with theirs:
        ours.sendall(b'{"argv": [')
        ours.close()
        assert supervisor.receive_request(theirs) is None


def test_it_needs_nothing_but_the_standard_library():
    code = "import runpy, sys; runpy.run_path(sys.argv[1]); print([m for m in sys.modules if 'course_app' in m])"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, supervisor.__file__], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
