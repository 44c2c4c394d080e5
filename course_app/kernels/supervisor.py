"""The process between a kernel and whoever started it: it passes signals on, reports the exit code, and leaves
nothing behind.

A keeper owns one kernel.
It is a child subreaper (prctl(2), PR_SET_CHILD_SUBREAPER), so a grandchild that detaches itself comes back to it and
is killed too.
It ends when the kernel ends, or when the other end of its socket closes, which is how a kernel never outlives its
manager.

On the socket, one JSON object per line: the request comes first (`argv`, `env`, `cwd`, `umask`, and `scratch`, a
folder to remove at the end; standard output and error travel beside
it as file descriptors), the keeper answers `{"pid": …}`, takes `{"signal": n}` and `{"kill": true}`, and ends with
`{"exit": code}`.
A request with a `jail` (see `jail.py`) is for a sandboxed kernel, which sends `{"doors": true}` with two descriptors,
or `{"failed": reason}`.

This module imports the standard library only, because a cold kernel waits for it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any, cast

Request = dict[str, Any]

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_KILL_SECONDS = 5.0
_MAX_REQUEST = 4 * 1024 * 1024


def receive_request(conn: socket.socket) -> tuple[Request, list[int]] | None:
    """Read the request line and its file descriptors, or None where the other end has gone."""
    data, fds = b"", []
    while not data.endswith(b"\n"):
        chunk, more, _flags, _address = socket.recv_fds(conn, 65536, 4)
        fds += more
        data += chunk
        if not chunk or len(data) > _MAX_REQUEST:
            return None
    return cast(Request, json.loads(data)), fds


def keep(conn: socket.socket, request: Request, fds: list[int], run: Callable[[Request], object]) -> None:
    """Fork a kernel that calls `run(request)`, and watch it until it has ended.

    Returns in the kernel's process only, when `run` has returned; the keeper's own process ends here.
    """
    _reset_signals()
    keeper = os.getpid()
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        enter = _prepared(request)
    except OSError as error:
        _tell(conn, failed=str(error))
        os._exit(1)
    kernel = os.fork()
    if kernel == 0:
        if enter is not None:
            keeper = 0  # the parent is outside of the child's pid namespace
        _settle(keeper, request, fds, conn if enter else None)
        if enter is not None:
            _enter(enter, request, conn)
        run(request)
        return
    try:
        for fd in fds:
            os.close(fd)
        _watch(conn, kernel, request.get("scratch", ""))
    finally:
        os._exit(0)


def execute(request: Request) -> None:
    """Become the command of the request: what a cold kernel does."""
    os.execve(request["argv"][0], request["argv"], request["env"])


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        try:
            signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):
            continue  # reserved by the C library
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # as Python starts
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def _prepared(request: Request) -> Callable[[Request, socket.socket], None] | None:
    if "jail" not in request:
        return None
    from .sandbox import namespaces

    namespaces.prepare(request["jail"])
    return namespaces.enter


def _enter(enter: Callable[[Request, socket.socket], None], request: Request, conn: socket.socket) -> None:
    try:
        enter(request["jail"], conn)
    except OSError as error:
        _tell(conn, failed=str(error))
        os._exit(1)
    conn.close()


def _settle(keeper: int, request: Request, fds: list[int], conn: socket.socket | None = None) -> None:
    """Give a freshly forked process what a freshly started one has; `conn` stays open."""
    os.setsid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != keeper:
        os._exit(1)
    null = os.open(os.devnull, os.O_RDWR)
    out, err = fds if len(fds) == 2 else (null, null)
    for number, fd in enumerate((null, out, err)):
        os.dup2(fd, number)
    kept = conn.fileno() if conn else 3
    os.closerange(3, kept)
    os.closerange(kept + (conn is not None), 1 << 20)
    os.environ.clear()
    os.environ.update(request["env"])
    os.umask(request["umask"])
    os.chdir(request["cwd"])


def _watch(conn: socket.socket, kernel: int, scratch: str) -> None:
    wake, wakened = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wakened, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _tell(conn, pid=kernel)
    status, pending = None, b""
    sources: list[socket.socket | int] = [conn, wake]
    while status is None:
        status, _more = _reap(kernel)
        if status is not None:
            break
        ready, _, _ = select.select(sources, [], [], 1.0)
        if wake in ready:
            os.read(wake, 4096)
        if conn in ready:
            data = _receive(conn)
            *lines, pending = (pending + data).split(b"\n")
            if not data or not all(_obey(line, kernel) for line in lines):
                break
    code = _kill_everything(kernel, status)
    _tell(conn, exit=-signal.SIGKILL if code is None else os.waitstatus_to_exitcode(code))
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)


def _receive(conn: socket.socket) -> bytes:
    try:
        return conn.recv(4096)
    except OSError:
        return b""


def _tell(conn: socket.socket, **message: object) -> None:
    with contextlib.suppress(OSError):  # where nobody listens any more, the next read says so
        conn.sendall(json.dumps(message).encode() + b"\n")


def _obey(line: bytes, kernel: int) -> bool:
    """Do what the line says; false where the kernel has to go."""
    command = json.loads(line)
    if "signal" in command:
        _signal_group(kernel, command["signal"])
    return "kill" not in command


def _signal_group(kernel: int, number: int) -> None:
    try:
        os.killpg(kernel, number)
    except ProcessLookupError:
        with contextlib.suppress(ProcessLookupError):
            os.kill(kernel, number)  # not yet in a group of its own


def _reap(kernel: int) -> tuple[int | None, bool]:
    """Collect every child that has ended.

    Return the kernel's wait status where it is among them, and whether any child is left.
    """
    status = None
    while True:
        try:
            pid, found = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status, False
        if pid == 0:
            return status, True
        if pid == kernel:
            status = found


def _kill_everything(kernel: int, status: int | None) -> int | None:
    """Kill the kernel's group and, when the kernel has ended, every process that falls to this one, until none is left.

    `status` is the kernel's wait status where it has ended already; return it, or None for a kernel that does not end.
    """
    _signal_group(kernel, signal.SIGKILL)
    deadline = time.monotonic() + _KILL_SECONDS
    while time.monotonic() < deadline:
        found, more = _reap(kernel)
        status = found if found is not None else status
        if not more:
            break
        for pid in _children() if status is not None else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)
    return status


def _children() -> list[int]:
    """Direct children of this process, from proc(5)."""
    me, found = os.getpid(), []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as stat:
                    parent = int(stat.read().rpartition(b")")[2].split()[1])
            except (OSError, IndexError):
                continue
            if parent == me:
                found.append(int(name))
    return found


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}) failed")


def main(fd: int) -> None:
    """Keep one cold kernel, whose request arrives on the socket with that number."""
    conn = socket.socket(fileno=fd)
    received = receive_request(conn)
    if received is not None:
        keep(conn, *received, run=execute)


if __name__ == "__main__":
    main(int(sys.argv[1]))
