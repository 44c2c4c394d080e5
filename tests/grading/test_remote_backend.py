"""The grader's backend: a sandboxed kernel is trusted with its own sockets only, and may be gone at any time."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from course_app.checks.backend import AnswerUnusable, Called
from course_app.errors import CourseError
from course_app.grading.remote_backend import RemoteBackend
from course_app.kernels.rpc_operations import CLOSE, LOGS, RUNNING


class Rpc:
    """A client whose every call gives `reply`, or raises it."""

    def __init__(self, kernel: Any, reply: Any = None) -> None:
        self.kernel, self.reply = kernel, reply
        self.called: list[Any] = []

    async def call(self, operation: Any, target: str, *arguments: Any, **options: Any) -> Any:
        self.called.append(operation)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


def backend(folder: Path, reply: Any, sandboxed: bool = True) -> tuple[RemoteBackend, Rpc]:
    kernel = SimpleNamespace(
        folder=Path("/k"), outside_folder=folder, sandbox=object() if sandboxed else None, alive=True
    )
    rpc = Rpc(kernel, reply)
    task: Any = SimpleNamespace(target="app")
    return RemoteBackend(rpc, task), rpc  # type: ignore[arg-type]


async def test_a_sandboxed_kernels_own_socket_is_opened_and_closed_again(short_path):
    (short_path / "s").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(short_path / "s" / "x"))
        remote, rpc = backend(short_path, "unix:/k/s/x")
        address = await remote.address()
        assert isinstance(address, str) and address.startswith("unix:/proc/self/fd/")
        assert await remote.address() == address and len(rpc.called) == 1, "it is asked for once"
        fd = int(address.rpartition("/")[2])
        os.fstat(fd)
        await remote.close()
        assert rpc.called[-1] is CLOSE
        with pytest.raises(OSError):
            os.fstat(fd)


@pytest.mark.parametrize(
    "address", ["ws://127.0.0.1:9", "unix:/run/docker.sock", "unix:/k/s/../../run/x", "/k/s/x", ""]
)
async def test_any_other_address_of_a_sandboxed_kernel_is_refused(short_path, address):
    with pytest.raises(CourseError, match="names a server that is not its own"):
        await backend(short_path, address)[0].address()


async def test_without_a_sandbox_an_address_is_taken_as_it_is(short_path):
    assert await backend(short_path, "ws://127.0.0.1:9", sandboxed=False)[0].make() == "ws://127.0.0.1:9"


@pytest.mark.parametrize("error", [CourseError("gone"), TimeoutError()])
async def test_a_kernel_that_is_busy_or_gone_runs_and_logs_nothing(short_path, error):
    remote, rpc = backend(short_path, error)
    assert (await remote.running(), await remote.logs()) == (0, [])
    assert rpc.called == [RUNNING, LOGS]
    await remote.close()


async def test_a_call_that_is_not_answered_in_time_has_timed_out(short_path):
    assert await backend(short_path, TimeoutError())[0].call(timeout=0.5) == Called(timed_out=True, seconds=0.5)
    with pytest.raises(AnswerUnusable):
        await backend(short_path, AnswerUnusable("missing-name"))[0].call(timeout=0.5)
