"""Launching: a folder, a process, and a reason whenever it was not forked."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from course_app.kernels import launch as module
from course_app.kernels import supervised_process
from course_app.kernels.launch import KernelFailed, launch
from course_app.kernels.sandbox import policy

linux = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked and supervised on Linux only")
HOWS = ["forked", "started"]


@linux
@pytest.mark.parametrize("how", HOWS)
def test_what_is_launched_has_a_folder_and_leaves_none(how):
    launched = launch(how=how)
    assert launched.folder == launched.outside_folder and (launched.folder / "work").is_dir()
    assert launched.process.poll() is None
    assert (launched.why_started == "") is (how == "forked")
    launched.end()
    assert not launched.folder.exists() and not psutil.pid_exists(launched.process.pid)
    launched.end()


@linux
@pytest.mark.parametrize("how", HOWS)
def test_a_sandboxed_folder_is_reached_by_its_descriptor(course, how):
    launched = launch(how=how, sandbox=policy.course_sandbox(course.root))
    try:
        assert {"work", "s", "tmp", "c.json"} <= set(os.listdir(launched.outside_folder))
        assert "tmp" not in os.listdir(launched.folder), "the sandbox's folder is another file system"
    finally:
        launched.end()
    assert launched.process.descriptors == []


@linux
@pytest.mark.parametrize("how", HOWS)
def test_a_sandbox_that_is_refused_is_a_clear_error(how):
    broken = policy.Sandbox(limits=policy.Limits(scratch=-1))
    with pytest.raises(KernelFailed, match=r"did not start: .*mount of .*Invalid argument.*`course doctor`"):
        launch(how=how, sandbox=broken)


@linux
def test_a_process_that_cannot_be_started_is_a_clear_error_and_leaves_no_folder(monkeypatch):
    def refused(*_: Any, **__: Any) -> Any:
        raise FileNotFoundError(2, "No such file or directory", "python")

    monkeypatch.setattr(supervised_process, "start", refused)
    with pytest.raises(KernelFailed, match=r"did not start: .*No such file.*`course doctor` looks for the cause"):
        launch(how="started")
    assert not list(Path(tempfile.gettempdir()).glob(f"course-k-{os.getpid()}-*"))


def test_there_is_no_sandbox_without_linux(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(KernelFailed, match="the sandbox needs Linux namespaces, and this is darwin, not Linux"):
        launch(sandbox=policy.Sandbox())


@linux
def test_without_the_fork_package_every_kernel_is_started(monkeypatch):
    monkeypatch.setattr(module, "fork_client", None)
    module.prepare()
    launched = launch()
    launched.end()
    assert launched.why_started == "this installation has no course_app/kernels/fork"


@linux
def test_a_fork_server_that_cannot_be_had_is_the_reason(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("d" * 90)))
    module.prepare()
    launched = launch()
    launched.end()
    assert "too long for a Unix socket" in launched.why_started


@linux
def test_preparing_starts_the_fork_server(short_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_path))
    monkeypatch.setenv("COURSE_FORK_IDLE", "0.1")
    module.prepare()
    deadline = time.monotonic() + 30
    while not list(short_path.glob("course-fork-*/socket")):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_environment_is_what_is_asked_for(tmp_path):
    def made(env: dict[str, str], cwd: Path | None = None, sandbox: policy.Sandbox | None = None) -> dict[str, str]:
        return module._environment(tmp_path, module._Options(env, cwd, sandbox))

    own = {"COURSE_SOCKET_DIR": str(tmp_path / "s"), "IPYTHONDIR": str(tmp_path / "ipython")}
    assert made({"A": "b", "NBGRADER_EXECUTION": "1"}) == {"A": "b", **own}
    assert "COURSE_SOCKET_DIR" not in made({}, cwd=tmp_path)
    sandboxed = made({"A": "b"}, sandbox=policy.Sandbox())
    assert "A" not in sandboxed and sandboxed["HOME"] == str(tmp_path / "work")
