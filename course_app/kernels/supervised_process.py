"""A supervised process, seen from the program that started it; it answers like `subprocess.Popen`."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
_ANSWER_SECONDS = 20.0


def why_unsupported() -> str | None:
    """Return why no process can be supervised on this machine, or None where it can."""
    return None if sys.platform.startswith("linux") else f"this is {sys.platform}, not Linux"


@dataclass(frozen=True)
class ProcessRequest:
    """The process that a supervisor is asked to start.

    `argv` is the command, with an absolute path first; `env` its environment, `cwd` its working folder.
    `out` and `err` are descriptors that become its standard output and error; its standard input is empty.
    `scratch` is a folder that the supervisor removes in the end, or "" for none.
    `sandbox` is what `sandbox.policy.Sandbox.request` returns, or None for a process outside of any sandbox.
    """

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: str
    out: int
    err: int
    scratch: str = ""
    sandbox: Mapping[str, object] | None = None

    def send(self, conn: socket.socket) -> None:
        """Send the request to the supervisor at the other end. Raises OSError."""
        umask = os.umask(0o077)
        os.umask(umask)
        message = {"argv": [*self.argv], "env": {**self.env}, "cwd": self.cwd, "umask": umask, "scratch": self.scratch}
        if self.sandbox is not None:
            message["sandbox"] = self.sandbox
        line = json.dumps(message).encode() + b"\n"
        sent = socket.send_fds(conn, [line], [self.out, self.err])
        conn.sendall(line[sent:])


def start(request: ProcessRequest) -> SupervisedProcess:
    """Start a process behind a supervisor of its own, which is a fresh interpreter. Linux only.

    Raises OSError, and SandboxRefused, which is one.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        supervisor = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_SUPERVISOR), str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        request.send(ours)
    except OSError:  # the supervisor has ended
        ours.close()
        supervisor.wait()
        raise
    return SupervisedProcess(ours, supervisor, sandboxed=request.sandbox is not None)


class SandboxRefused(OSError):
    """The process could not enter its sandbox; the message says what this machine refuses."""


class SupervisedProcess:
    """A process behind a supervisor.

    `pid` is its own process id; it leads a session.
    `returncode` is None while it runs, then its exit code, negative for a signal; by then everything that it started
    is gone.
    `descriptors` of a sandboxed one are those of its scratch folder and of its /proc; of another there are none.
    """

    def __init__(
        self, conn: socket.socket, supervisor: subprocess.Popen[bytes] | None = None, *, sandboxed: bool = False
    ) -> None:
        """Wait until the process has been forked and, where it is `sandboxed`, has entered its sandbox.

        `supervisor` is given where it is a child of this process, which must collect it.
        Raises SandboxRefused, ConnectionError where its supervisor ended before, TimeoutError after `_ANSWER_SECONDS`.
        """
        self._conn = conn
        self._supervisor = supervisor
        self._pending = b""
        self._failed = ""
        self.pid = 0
        self.descriptors: list[int] = []
        self.returncode: int | None = None
        wanted = 2 if sandboxed else 0
        deadline = time.monotonic() + _ANSWER_SECONDS
        while (not self.pid or len(self.descriptors) < wanted) and self.returncode is None and not self._failed:
            if not select.select([conn], [], [], max(0.0, deadline - time.monotonic()))[0]:
                conn.close()
                raise TimeoutError(f"no process within {_ANSWER_SECONDS:g} s")
            self._read()
        if self._failed or not self.pid or len(self.descriptors) < wanted:
            conn.close()
            self.close_descriptors()
            if supervisor is not None:
                supervisor.wait()
            if self._failed:
                raise SandboxRefused(self._failed)
            raise ConnectionError("the supervisor ended before it had started the process")

    def poll(self) -> int | None:
        """Return the exit code, or None while the process runs."""
        while self.returncode is None and select.select([self._conn], [], [], 0)[0]:
            self._read()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Block until the process has ended, at most `timeout` seconds. Raises subprocess.TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.returncode is None:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not select.select([self._conn], [], [], left)[0]:
                raise subprocess.TimeoutExpired("a supervised process", timeout or 0.0)
            self._read()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the process's group.

        The supervisor does it, so a process id that was used again is never hit.
        """
        self._send(signal=int(number))

    def kill(self) -> None:
        """Kill the process and everything that it started; `wait` returns when all of it is gone."""
        self._send(kill=True)

    def close_descriptors(self) -> None:
        """Close `descriptors`. A second call does nothing."""
        while self.descriptors:
            os.close(self.descriptors.pop())

    def _send(self, **command: object) -> None:
        if self.returncode is None:
            with contextlib.suppress(OSError):  # where it has just ended, `poll` reads how
                self._conn.sendall(json.dumps(command).encode() + b"\n")

    def _read(self) -> None:
        try:
            data, descriptors, _flags, _address = socket.recv_fds(self._conn, 4096, 2)
        except OSError:
            data, descriptors = b"", []
        self.descriptors += descriptors
        *lines, self._pending = (self._pending + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            self.pid = message.get("pid", self.pid)
            self._failed = message.get("failed", self._failed)
            if "exit" in message:
                self._end(message["exit"])
        if not data and self.returncode is None:
            self._end(-signal.SIGKILL)

    def _end(self, code: int) -> None:
        self.returncode = code
        self._conn.close()
        if self._supervisor is not None:
            self._supervisor.wait()


class UnsupervisedProcess(subprocess.Popen[bytes]):
    """A process without a supervisor, where there is no Linux: its group is killed, processes that left it are not."""

    def __init__(self, request: ProcessRequest) -> None:
        """Start the process; `scratch` is not removed. Raises OSError, and SandboxRefused for a request with one."""
        if request.sandbox is not None:
            raise SandboxRefused(f"the sandbox needs Linux namespaces, and {why_unsupported()}")
        null = subprocess.DEVNULL
        super().__init__(
            request.argv,
            env=request.env,
            cwd=request.cwd,
            stdin=null,
            stdout=request.out,
            stderr=request.err,
            start_new_session=True,
        )
        self.descriptors: list[int] = []

    def kill(self) -> None:
        """Kill the process's group."""
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        else:
            super().kill()

    def close_descriptors(self) -> None:
        """Do nothing: there are none."""


Process = SupervisedProcess | UnsupervisedProcess
