"""Starting a kernel's process: its folder, its connection file, and the process itself, forked where that is possible.

`kernel.Kernel` connects to what is launched here.
Nothing here needs an event loop, so that the next kernel can start while the present one is being used.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from jupyter_client.connect import write_connection_file

from ..errors import CourseError
from . import conventions, supervised_process
from .sandbox.policy import Sandbox
from .supervised_process import Process, ProcessRequest, UnsupervisedProcess

# kernels/fork/ makes kernels quicker and may be deleted whole: then every kernel is started.
# A folder in which only compiled modules are left has a specification without an origin.
_fork_spec = importlib.util.find_spec(f"{__package__}.fork")
if _fork_spec is not None and _fork_spec.origin is not None:
    from .fork import fork_client
else:
    fork_client = None  # type: ignore[assignment]

How = Literal["forked", "started"]
"""`forked` from a process that has imported everything (0.05 s), or `started` as a fresh interpreter (0.4 s)."""

_FOLDERS = (conventions.WORK, conventions.SOCKETS, conventions.IPYTHON)
_PORTS = {"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "hb_port": 4, "control_port": 5}
_END_SECONDS = 20.0
_DOCTOR = "`course doctor` looks for the cause"


class KernelFailed(CourseError):
    """No kernel could be started."""


@dataclass(frozen=True)
class Launched:
    """A kernel's process that nobody has sent a message to yet.

    `folder` is private to it and is removed with it; its cells run in `work`.
    `outside_folder` is the path of `folder` for this process: a sandboxed kernel's lies in that kernel's memory.
    `key` signs its messages, `connection` is jupyter_client's connection information.
    `why_started` is empty for a forked kernel, and otherwise says why it was not forked.
    """

    folder: Path
    work: Path
    outside_folder: Path
    process: Process
    key: bytes
    connection: Mapping[str, Any]
    sandbox: Sandbox | None
    why_started: str

    def end(self) -> None:
        """Kill the process with everything that it started, wait until all that is gone, and remove its folder."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(_END_SECONDS)
        self.process.close_descriptors()
        shutil.rmtree(self.folder, ignore_errors=True)


def prepare() -> None:
    """Start the fork server, so that the first kernel need not wait for its imports. Returns at once."""
    if fork_client is not None:
        fork_client.start_server()


def launch(
    *,
    how: How = "forked",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    sandbox: Sandbox | None = None,
) -> Launched:
    """Start a kernel's process, and return before it answers. `Kernel.start` has the same parameters.

    Raises KernelFailed.
    """
    options = _Options(env, cwd, sandbox)
    unsupported = supervised_process.why_unsupported()
    if unsupported is not None:
        return _launch(UnsupervisedProcess, options, f"kernels are forked on Linux only, and {unsupported}")
    if how == "started":
        return _launch(supervised_process.start, options, "asked to be started")
    if fork_client is None:
        return _launch(supervised_process.start, options, "this installation has no course_app/kernels/fork")
    try:
        return _launch(fork_client.start, options, "")
    except fork_client.NotForked as reason:
        return _launch(supervised_process.start, options, str(reason))


@dataclass(frozen=True)
class _Options:
    env: Mapping[str, str] | None
    cwd: Path | None
    sandbox: Sandbox | None


def _launch(start: Callable[[ProcessRequest], Process], options: _Options, why_started: str) -> Launched:
    """Launch a kernel with `start`, in a new folder. Raises KernelFailed, and what `start` raises but OSError."""
    folder = Path(tempfile.mkdtemp(prefix=f"{conventions.FOLDER_PREFIX}{os.getpid()}-"))
    null = os.open(os.devnull, os.O_RDWR)
    try:
        return _launch_in(folder, start, options, null, why_started)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise KernelFailed(f"the kernel did not start: {error}; {_DOCTOR}") from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        os.close(null)


def _launch_in(
    folder: Path, start: Callable[[ProcessRequest], Process], options: _Options, null: int, why_started: str
) -> Launched:
    for name in (*_FOLDERS, conventions.GRADER_SOCKETS):
        (folder / name).mkdir()
    work = options.cwd or folder / conventions.WORK
    key = secrets.token_hex(32).encode()
    path, connection = write_connection_file(str(folder / conventions.CONNECTION_FILE), key=key, **_address(folder))
    env, sandbox = _environment(folder, options), options.sandbox
    request = ProcessRequest(conventions.ipykernel_command(path), env, str(work), null, null, str(folder))
    if sandbox is not None:
        request = replace(request, sandbox=sandbox.request(folder, _FOLDERS, [conventions.CONNECTION_FILE]))
    process = start(request)
    outside_folder = folder
    if sandbox is not None:
        outside_folder = Path(f"/proc/self/fd/{process.descriptors[0]}")
        connection["ip"] = str(outside_folder / conventions.CHANNELS)
    return Launched(folder, work, outside_folder, process, key, connection, sandbox, why_started)


def _address(folder: Path) -> dict[str, Any]:
    """Return where the kernel's channels are: Unix sockets, where a supervisor removes them; TCP ports elsewhere."""
    if supervised_process.why_unsupported() is not None:
        return {}
    return {"transport": "ipc", "ip": str(folder / conventions.CHANNELS), **_PORTS}


def _environment(folder: Path, options: _Options) -> dict[str, str]:
    environment = dict(os.environ if options.env is None else options.env)
    if options.sandbox is not None:
        environment = options.sandbox.environment(folder)
    if options.cwd is None:
        environment["COURSE_SOCKET_DIR"] = str(folder / conventions.SOCKETS)
    environment["IPYTHONDIR"] = str(folder / conventions.IPYTHON)
    environment.pop("NBGRADER_EXECUTION", None)
    return environment
