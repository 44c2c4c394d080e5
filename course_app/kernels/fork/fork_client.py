"""Asking the fork server for a kernel, and starting the server where none runs."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ..supervised_process import ProcessRequest, SandboxRefused, SupervisedProcess
from .fingerprint import SOCKET, fingerprint

_LONGEST_SOCKET = 100  # bytes of a path: unix(7) allows 107
_START_SECONDS = 20.0
_PASSED_ON = {"PATH", "HOME", "LANG", "TZ", "TMPDIR", "XDG_RUNTIME_DIR", "COURSE_FORK_IDLE", "COVERAGE_PROCESS_START"}


class NotForked(Exception):
    """A kernel cannot be forked here; the message says why."""


def start(request: ProcessRequest) -> SupervisedProcess:
    """Fork a kernel from the fork server, and start the server where none runs.

    `request.argv` is what `conventions.ipykernel_command` returns.
    Raises NotForked, and SandboxRefused, which a fresh interpreter would not escape either.
    """
    try:
        conn = _connect()
        request.send(conn)
        return SupervisedProcess(conn, sandboxed=request.sandbox is not None)
    except SandboxRefused:
        raise
    except OSError as error:
        raise NotForked(f"the fork server gave no kernel: {error}") from error


def start_server() -> None:
    """Start the fork server where none runs, without waiting for its imports."""
    with contextlib.suppress(NotForked):  # `start` says it
        path = server_folder()
        conn = _try_connect(path / SOCKET)
        if conn is None:
            _spawn(path)
        else:
            conn.close()


def server_folder() -> Path:
    """Return the private folder of this user's fork server for this environment and its present packages.

    It is made where it is missing. Raises NotForked where it cannot be used.
    """
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    path = Path(base) / f"course-fork-{os.getuid()}-{fingerprint()}"
    if len(os.fsencode(path / SOCKET)) > _LONGEST_SOCKET:
        raise NotForked(f"{path} is too long for a Unix socket; set XDG_RUNTIME_DIR to a folder with a shorter name")
    path.mkdir(mode=0o700, exist_ok=True)
    stat = path.lstat()
    if stat.st_uid != os.getuid() or stat.st_mode & 0o777 != 0o700:
        raise NotForked(f"{path} is not this user's own; remove it")
    return path


def _connect() -> socket.socket:
    path, spawned = server_folder(), None
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        conn = _try_connect(path / SOCKET)
        if conn is not None:
            return conn
        if spawned is None or spawned.poll() is not None:
            path.mkdir(mode=0o700, exist_ok=True)  # a server that ends removes its folder
            spawned = _spawn(path)
        time.sleep(0.005)
    raise TimeoutError(f"nothing listens after {_START_SECONDS:g} s")


def _try_connect(path: Path) -> socket.socket | None:
    conn = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        conn.connect(str(path))
    except OSError:
        conn.close()
        return None
    return conn


def _spawn(path: Path) -> subprocess.Popen[bytes]:
    # A forked kernel can read the environment that the server was started with, so it must hold no secret.
    env = {key: value for key, value in os.environ.items() if key in _PASSED_ON or key.startswith(("PYTHON", "LC_"))}
    return subprocess.Popen(
        [sys.executable, "-m", f"{__package__}.fork_server", str(path)],
        cwd="/",
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
