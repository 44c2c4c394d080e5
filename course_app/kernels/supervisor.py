"""The process between a kernel and the program that started it: it passes signals on, reports the exit code, and
leaves no process behind.

A supervisor owns one kernel, which is its child.
It is a child subreaper (prctl(2), PR_SET_CHILD_SUBREAPER), so a grandchild that detaches itself becomes its child too
and is killed with the kernel.
It ends when the kernel ends, or when the other end of its socket closes: so a kernel never outlives its manager.

The socket carries one JSON object per line (see `supervised_process.ProcessRequest` for the first):

| sender | message | meaning |
|---|---|---|
| manager | the request | start the process; descriptors of its standard output and error come with it (SCM_RIGHTS) |
| supervisor | `{"pid": n}` | it has been forked |
| supervisor | `{"descriptors": true}` | it is in its sandbox; descriptors of its scratch folder and /proc come along |
| supervisor | `{"failed": reason}` | it could not enter the sandbox |
| manager | `{"signal": n}` | send this signal to its process group |
| manager | `{"kill": true}` | kill it with everything that it started |
| supervisor | `{"exit": code}` | it has ended, as in `subprocess.Popen.returncode` |

This module imports the standard library only, and runs as a script with `python -I -S`: a started kernel waits for it.

`engines/child_process.py` has a reaper of its own, because it cannot use this one: it also runs on macOS, has no
prctl(2) there, and watches process groups of a manager that stays their parent; this one is the parent itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import json
import os
import select
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any, cast

Request = dict[str, Any]

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_KILL_SECONDS = 5.0
_MAX_REQUEST_BYTES = 4 * 1024 * 1024


def receive_request(conn: socket.socket) -> tuple[Request, list[int]] | None:
    """Return the request and the descriptors that came with it, or None where the other end has gone."""
    data, fds = b"", []
    while not data.endswith(b"\n"):
        chunk, more, _flags, _address = socket.recv_fds(conn, 65536, 4)
        fds += more
        data += chunk
        if not chunk or len(data) > _MAX_REQUEST_BYTES:
            return None
    return cast(Request, json.loads(data)), fds


def supervise(conn: socket.socket, request: Request, fds: list[int], run: Callable[[Request], object]) -> None:
    """Fork a process that calls `run(request)`, in the sandbox of the request if it has one, and watch it to its end.

    `fds` are descriptors of its standard output and error.
    Returns in the forked process only, when `run` has returned; the supervisor's own process ends here.
    """
    _reset_signals()
    supervisor = os.getpid()
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    namespaces, identity = None, None
    if "sandbox" in request:
        try:
            namespaces = _load_namespaces()
            identity = namespaces.prepare()
        except OSError as error:
            _send(conn, failed=str(error))
            os._exit(1)
    kernel = os.fork()
    if kernel == 0:
        # From inside a pid namespace, the parent outside of it has the id 0.
        _detach(0 if namespaces else supervisor, request, fds, kept=conn)
        if namespaces is not None:
            _enter_sandbox(namespaces, request, identity, conn)
        conn.close()
        run(request)
        return
    try:
        for fd in fds:
            os.close(fd)
        _watch(conn, kernel, request.get("scratch", ""))
    finally:
        os._exit(0)


def execute(request: Request) -> None:
    """Replace this process by the command of the request (execve(2))."""
    os.execve(request["argv"][0], request["argv"], request["env"])


def _reset_signals() -> None:
    """Set the handlers that a fresh Python interpreter has."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        try:
            signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):
            continue  # reserved by the C library
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def _load_namespaces() -> ModuleType:
    """Return sandbox/namespaces.py; a supervisor that runs as a script has no package, so by its path."""
    if __package__:
        from .sandbox import namespaces

        return namespaces
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sandbox", "namespaces.py")
    spec = importlib.util.spec_from_file_location("namespaces", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _enter_sandbox(namespaces: ModuleType, request: Request, identity: object, conn: socket.socket) -> None:
    try:
        fds = namespaces.enter(request["sandbox"], identity)
    except OSError as error:
        _send(conn, failed=str(error))
        os._exit(1)
    socket.send_fds(conn, [json.dumps({"descriptors": True}).encode() + b"\n"], fds)
    for fd in fds:
        os.close(fd)


def _detach(parent: int, request: Request, fds: list[int], kept: socket.socket) -> None:
    """Give a forked process what a started one has: a session, standard streams, its environment and folder.

    `parent` is the supervisor's process id as the process sees it.
    Every descriptor is closed but the standard ones and `kept`.
    """
    os.setsid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # the supervisor ended before prctl
    null = os.open(os.devnull, os.O_RDWR)
    out, err = fds if len(fds) == 2 else (null, null)
    for number, fd in enumerate((null, out, err)):
        os.dup2(fd, number)
    os.closerange(3, kept.fileno())
    os.closerange(kept.fileno() + 1, 1 << 20)
    os.environ.clear()
    os.environ.update(request["env"])
    os.umask(request["umask"])
    os.chdir(request["cwd"])


def _watch(conn: socket.socket, kernel: int, scratch: str) -> None:
    """Obey the manager until the kernel ends or has to end; then kill what is left, report, and remove `scratch`."""
    wake, wakened = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wakened, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _send(conn, pid=kernel)
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
    _send(conn, exit=-signal.SIGKILL if code is None else os.waitstatus_to_exitcode(code))
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)


def _receive(conn: socket.socket) -> bytes:
    try:
        return conn.recv(4096)
    except OSError:
        return b""


def _send(conn: socket.socket, **message: object) -> None:
    with contextlib.suppress(OSError):  # where nobody listens any more, the next read says so
        conn.sendall(json.dumps(message).encode() + b"\n")


def _obey(line: bytes, kernel: int) -> bool:
    """Do what the manager's message says; return False where the kernel has to end."""
    command = json.loads(line)
    if "signal" in command:
        _signal_group(kernel, command["signal"])
    return "kill" not in command


def _signal_group(kernel: int, number: int) -> None:
    try:
        os.killpg(kernel, number)
    except ProcessLookupError:
        with contextlib.suppress(ProcessLookupError):
            os.kill(kernel, number)  # it has not called setsid yet


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
    """Kill the kernel's group and, when the kernel has ended, every child of this process, until none is left.

    `status` is the kernel's wait status where it has ended already.
    Return its wait status, or None for a kernel that does not end within `_KILL_SECONDS`.
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
    """Return the process ids of this process's children (proc(5), /proc/PID/stat)."""
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
    """Supervise one started process, whose request arrives on the socket with that descriptor."""
    conn = socket.socket(fileno=fd)
    received = receive_request(conn)
    if received is not None:
        supervise(conn, *received, run=execute)


if __name__ == "__main__":
    main(int(sys.argv[1]))
