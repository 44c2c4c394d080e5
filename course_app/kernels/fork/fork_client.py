"""Kernels forked from a parent that has imported everything."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..supervised_process import KernelProcess, request
from .fingerprint import SOCKET, fingerprint

LONGEST_SOCKET = 100  # bytes: the kernel takes 107 on Linux and 103 on macOS
_START_SECONDS = 20.0
_KEPT = {"PATH", "HOME", "LANG", "TZ", "TMPDIR", "XDG_RUNTIME_DIR", "COURSE_WARM_IDLE", "COVERAGE_PROCESS_START"}


class NotWarm(Exception):
    """A warm kernel cannot be had here; the message says why."""


def why_not() -> str | None:
    """Return why this machine cannot have warm kernels, or None where it can."""
    if not sys.platform.startswith("linux"):
        return f"warm kernels need Linux, and this is {sys.platform}"
    return None


def start(
    argv: Sequence[str],
    env: Mapping[str, str],
    cwd: str,
    out: int = 1,
    err: int = 2,
    scratch: str = "",
    jail: Mapping[str, object] | None = None,
) -> KernelProcess:
    """Fork a kernel from the warm parent, and start the parent where none runs.

    `argv` is the command that a cold start would run: `PYTHON -m ipykernel_launcher ARGUMENTS`.
    `out` and `err` are the descriptors that become its standard output and error, `scratch` a folder to remove when
    it has ended, `jail` what a sandboxed one is shown and allowed.
    Raises NotWarm.
    """
    reason = why_not()
    if reason:
        raise NotWarm(reason)
    try:
        conn = _connect()
        request(conn, argv, env, cwd, out, err, scratch, jail)
        return KernelProcess(conn, jailed=jail is not None)
    except OSError as error:
        raise NotWarm(f"the warm parent did not answer: {error}") from error


def folder() -> Path:
    """The private folder of this user's warm parent for this environment and its present packages. Raises NotWarm."""
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    path = Path(base) / f"course-warm-{os.getuid()}-{fingerprint()}"
    if len(os.fsencode(path / SOCKET)) > LONGEST_SOCKET:
        raise NotWarm(f"{path} is too long for a Unix socket; set XDG_RUNTIME_DIR to a folder with a shorter name")
    path.mkdir(mode=0o700, exist_ok=True)
    stat = path.lstat()
    if stat.st_uid != os.getuid() or stat.st_mode & 0o777 != 0o700:
        raise NotWarm(f"{path} is not this user's own; remove it")
    return path


def is_running() -> bool:
    """Whether a warm parent for the present packages answers."""
    if why_not():
        return False
    conn = _try_connect(folder() / SOCKET)
    if conn is None:
        return False
    conn.close()
    return True


def start_parent() -> None:
    """Start the warm parent where none runs, without waiting for its imports."""
    if why_not() is None and not is_running():
        _spawn(folder())


def _connect() -> socket.socket:
    path, spawned = folder(), None
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        conn = _try_connect(path / SOCKET)
        if conn is not None:
            return conn
        if spawned is None or spawned.poll() is not None:
            path.mkdir(mode=0o700, exist_ok=True)  # a parent that ends takes its folder with it
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
    # A forked kernel can read what its parent was started with, so no secret of the shell's may be there.
    env = {key: value for key, value in os.environ.items() if key in _KEPT or key.startswith(("PYTHON", "LC_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "course_app.kernels.fork.fork_server", str(path)],
        cwd="/",
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
