"""A kernel's process, seen from the one who started it; it answers like `subprocess.Popen`."""

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

_ANSWER_SECONDS = 20.0


class KernelProcess:
    """A kernel behind a keeper.

    `pid` is the kernel's, which leads its own session.
    `returncode` is None while it runs, then its exit code, negative for a signal;
    by then its whole process tree is gone.
    `doors` of a sandboxed one are descriptors of its scratch folder and of its /proc.
    """

    def __init__(
        self, conn: socket.socket, keeper: subprocess.Popen[bytes] | None = None, *, jailed: bool = False
    ) -> None:
        self._conn = conn
        self._keeper = keeper
        self._pending = b""
        self.pid = 0
        self.doors: list[int] = []
        self.returncode: int | None = None
        self._failed = ""
        wanted = 2 if jailed else 0
        deadline = time.monotonic() + _ANSWER_SECONDS
        while (not self.pid or len(self.doors) < wanted) and self.returncode is None and not self._failed:
            if not select.select([conn], [], [], max(0.0, deadline - time.monotonic()))[0]:
                conn.close()
                raise TimeoutError(f"no kernel within {_ANSWER_SECONDS:g} s")
            self._read()
        if self._failed or not self.pid or len(self.doors) < wanted:
            conn.close()
            self.close_doors()
            raise ConnectionError(self._failed or "the kernel's keeper ended before it began")

    def poll(self) -> int | None:
        """Return the exit code, or None while the kernel runs."""
        while self.returncode is None and select.select([self._conn], [], [], 0)[0]:
            self._read()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Block until the kernel has ended, at most `timeout` seconds. Raises subprocess.TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.returncode is None:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not select.select([self._conn], [], [], left)[0]:
                raise subprocess.TimeoutExpired("kernel", timeout or 0.0)
            self._read()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal the kernel's process group.
        The keeper does it, so a process number that was used again is never hit."""
        self._send(signal=int(number))

    def kill(self) -> None:
        """Kill the kernel and everything that it started."""
        self._send(kill=True)

    def close_doors(self) -> None:
        while self.doors:
            os.close(self.doors.pop())

    def _send(self, **command: object) -> None:
        if self.returncode is None:
            with contextlib.suppress(OSError):  # where it has just ended, `poll` reads how
                self._conn.sendall(json.dumps(command).encode() + b"\n")

    def _read(self) -> None:
        try:
            data, doors, _flags, _address = socket.recv_fds(self._conn, 4096, 2)
        except OSError:
            data, doors = b"", []
        self.doors += doors
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
        if self._keeper is not None:
            self._keeper.wait()


def request(
    conn: socket.socket,
    argv: Sequence[str],
    env: Mapping[str, str],
    cwd: str,
    out: int,
    err: int,
    scratch: str = "",
    jail: Mapping[str, object] | None = None,
) -> None:
    """Ask the keeper at the other end of `conn` for a kernel."""
    umask = os.umask(0o077)
    os.umask(umask)
    wanted = {"argv": list(argv), "env": dict(env), "cwd": cwd, "umask": umask, "scratch": scratch}
    line = json.dumps(wanted if jail is None else {**wanted, "jail": jail}).encode() + b"\n"
    sent = socket.send_fds(conn, [line], [out, err])
    conn.sendall(line[sent:])


def start_cold(
    argv: Sequence[str], env: Mapping[str, str], cwd: str, out: int, err: int, scratch: str = ""
) -> KernelProcess:
    """Start a kernel in a fresh interpreter, behind a keeper of its own. Linux only."""
    ours, theirs = socket.socketpair()
    with theirs:
        module = os.path.join(os.path.dirname(__file__), "supervisor.py")
        keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", module, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    request(ours, argv, env, cwd, out, err, scratch)
    return KernelProcess(ours, keeper)
