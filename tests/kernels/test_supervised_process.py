"""A supervised process answers like `subprocess.Popen`, and says why there is none."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from course_app.kernels import supervised_process
from course_app.kernels.sandbox.policy import Limits, Sandbox
from course_app.kernels.supervised_process import ProcessRequest, SandboxRefused, UnsupervisedProcess, start

linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are supervised on Linux only")
PATIENCE = 30.0


def request(source: str, folder: Path, **more: Any) -> ProcessRequest:
    return ProcessRequest([sys.executable, "-c", source], dict(os.environ), str(folder), 1, 2, **more)


@linux
def test_poll_and_wait_tell_a_process_that_runs_from_one_that_has_ended(tmp_path):
    process = start(request("input(); import time; time.sleep(600)", tmp_path))
    assert process.wait(PATIENCE) == 1  # its standard input is empty
    process = start(request("import time; time.sleep(600)", tmp_path))
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.05)
    process.kill()
    assert process.wait(PATIENCE) == process.poll() == -9
    process.kill()  # nothing is left to kill, and nothing is raised


@linux
def test_the_reason_of_a_sandbox_that_is_refused_is_raised_and_leaves_no_zombie(tmp_path):
    (tmp_path / "h").mkdir()
    refused = Sandbox(limits=Limits(scratch=-1)).request(tmp_path, ["work"])
    before = {*psutil.Process().children()}
    with pytest.raises(SandboxRefused, match="mount of .*Invalid argument"):
        start(request("pass", tmp_path, sandbox=refused))
    assert {*psutil.Process().children()} <= before


@linux
def test_a_supervisor_that_does_not_start_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(supervised_process, "_SUPERVISOR", tmp_path / "none.py")
    with pytest.raises(OSError, match="ended before it had started the process|Broken pipe|Connection reset"):
        start(request("pass", tmp_path))


def test_other_systems_than_linux_are_named(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert supervised_process.why_unsupported() == "this is darwin, not Linux"


def test_without_a_supervisor_the_group_is_killed(tmp_path):
    source = "import os, time\nos.fork() or time.sleep(600)\nopen('ready', 'w').close()\ntime.sleep(600)"
    process = UnsupervisedProcess(request(source, tmp_path))
    deadline = time.monotonic() + PATIENCE
    while not (tmp_path / "ready").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    (child,) = psutil.Process(process.pid).children()
    assert process.poll() is None and process.descriptors == []
    process.kill()
    assert process.wait(PATIENCE) == -9
    psutil.wait_procs([child], timeout=PATIENCE)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    process.close_descriptors()
