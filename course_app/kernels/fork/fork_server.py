"""The fork server: it imports once what every kernel needs, and forks.

Run as `python -m course_app.kernels.fork.fork_server FOLDER`; `fork_client` does it, with the right environment.
It listens on `FOLDER/socket`; each connection asks for one kernel and is handed to a supervisor, which is forked too
(see `supervisor.py`).
It ends when it has been idle, when installed packages or the sources of `course_app` change, or when its socket is
removed.
Only one can hold `FOLDER/lock`.
Every two seconds it removes the folders of kernels whose managers were killed.
Source: the idea is that of `multiprocessing`'s start method "forkserver".
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import os
import random
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path

from .. import supervisor
from ..conventions import FOLDER_PREFIX
from .fingerprint import SOCKET, fingerprint

LOCK = "lock"
IDLE_VARIABLE = "COURSE_FORK_IDLE"
"""The environment variable that replaces IDLE_SECONDS."""
IDLE_SECONDS = 300.0
"""Seconds without a kernel and without a request after which the server ends."""
_TICK_SECONDS = 2.0
_MODULES = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "debugpy",
    "IPython.core.completer",
    "IPython.core.magics",
    "IPython.core.historyapp",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.utils.wildcard",
    "IPython.core.completerlib",
    "IPython.extensions.storemagic",
    "faulthandler",
    "pdb",
    "psutil",
    "tornado.platform.asyncio",
    "jedi",
    "nest_asyncio",
    "fastapi",
    "fastapi.staticfiles",
    "fastapi.telemetry._runtime",
    "fastapi.testclient",
    "starlette.endpoints",
    "pydantic_settings",
    "prometheus_client",
    "anyio._backends._asyncio",
    "concurrent.futures.thread",
    "starlette.websockets",
    "uvicorn",
    "uvicorn.loops.auto",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "websockets.asyncio.client",
    "websockets.asyncio.server",
    "httpx",
    "course_app",
    "course_app.serving.server",
    "course_app.client.client",
    "course_app.display.transcript",
    "course_app.checks",
    "course_app.learner.commands",
    "course_app.learner.probe",
    "course_app.kernels.rpc_server",
    "course_app.kernels.sandbox.namespaces",
)


def main(folder: Path) -> None:
    """Serve from `folder`, which is private to the user, until the server has to end.

    Returns at once where another server holds the lock, and in a forked kernel when that kernel has ended.
    """
    lock = _lock(folder)
    if lock is None:
        return
    born = fingerprint()
    listener = _listen(folder / SOCKET)
    sys.path[:] = [entry for entry in sys.path if entry not in ("", "/")]
    _import_everything()
    _prewarm()
    gc.collect()
    gc.freeze()
    _serve(listener, lock, folder / SOCKET, born, float(os.environ.get(IDLE_VARIABLE, IDLE_SECONDS)))


def _lock(folder: Path) -> int | None:
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    return lock


def _listen(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(64)
    return listener


def _import_everything() -> None:
    for name in _MODULES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    # jupyter_client looks for this machine's addresses once per process, and takes its time.
    sys.modules["jupyter_client.localinterfaces"].localhost()


def _prewarm() -> None:
    from . import prewarmed  # it imports IPython, and must not keep the server from listening

    prewarmed.prewarm()


def _serve(listener: socket.socket, lock: int, path: Path, born: str, idle: float) -> None:
    identity = os.stat(path).st_ino
    wake, wakened = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wakened, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    sources: list[socket.socket | int] = [listener, wake]
    used = time.monotonic()
    while True:
        kernels = _reap()
        ready, _, _ = select.select(sources, [], [], _TICK_SECONDS)
        if wake in ready:
            os.read(wake, 4096)
        if listener in ready:
            used = time.monotonic()
            conn, _address = listener.accept()
            if os.fork() == 0:
                listener.close()
                os.close(lock)  # a kernel that outlives this server must not keep the next one from starting
                _supervise(conn)
                return
            conn.close()
        elif not ready:
            _remove_abandoned(Path(tempfile.gettempdir()))
            if kernels:
                used = time.monotonic()
            if time.monotonic() - used > idle or not _is_ours(path, identity) or fingerprint() != born:
                break
    _remove(path, identity)


def _remove(path: Path, identity: int) -> None:
    """Remove the socket, the lock and their folder, unless another server has taken the place."""
    if _is_ours(path, identity):
        for name in (SOCKET, LOCK):
            (path.parent / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            path.parent.rmdir()


def _is_ours(path: Path, identity: int) -> bool:
    try:
        return os.stat(path).st_ino == identity
    except FileNotFoundError:
        return False


def _reap() -> bool:
    """Collect supervisors that have ended, and return whether others live."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _remove_abandoned(place: Path) -> None:
    """Remove the folders of kernels whose manager was killed before a supervisor knew of them."""
    for folder in place.glob(f"{FOLDER_PREFIX}*"):
        pid = folder.name.removeprefix(FOLDER_PREFIX).partition("-")[0]
        if pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
            shutil.rmtree(folder, ignore_errors=True)


def _supervise(conn: socket.socket) -> None:
    received = supervisor.receive_request(conn)
    if received is not None:
        supervisor.supervise(conn, *received, run=_run_kernel)


def _run_kernel(request: supervisor.Request) -> None:
    """Be an ipykernel: what `python -m ipykernel_launcher ARGUMENTS` does once it has imported everything."""
    from . import prewarmed

    random.seed()
    time.tzset()
    tempfile.tempdir = None  # the server's own is not this kernel's TMPDIR
    argv = request["argv"][3:]
    sys.argv[:] = ["ipykernel_launcher", *argv]
    prewarmed.PrewarmedKernelApp.launch_instance(argv=argv)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
