"""Starting a kernel's process: its folder, its connection file, and the process itself, warm where it can be.

`kernel.Kernel` connects to what is launched here.
Nothing here needs an event loop, so that the next kernel can start while the present one is being used.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.connect import write_connection_file

from ..errors import CourseError
from .fork import fork_client
from .fork.fingerprint import OPTIONS, PREFIX
from .sandbox.policy import HOSTED, Sandbox
from .supervised_process import KernelProcess, start_cold

_FOLDERS = ("work", "s", "ipython")
_PORTS = {"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "hb_port": 4, "control_port": 5}
_END_SECONDS = 20.0
_Where = tuple[list[str], dict[str, str], str, int, int, str]
"""What `warm.start` and `process.start_cold` take first."""


class KernelFailed(CourseError):
    """No kernel could be started."""


@dataclass(frozen=True)
class Launched:
    """A kernel's process that nobody has talked to yet.

    `folder` is private to it and goes with it; its cells run in `work`.
    `door` is the folder as this process reaches it, `key` what signs its messages, `info` where its channels are.
    `why_cold` is empty for a warm kernel and otherwise says why it is none.
    """

    folder: Path
    work: Path
    door: Path
    process: KernelProcess
    key: bytes
    info: Mapping[str, Any]
    sandbox: Sandbox | None
    why_cold: str

    def end(self) -> None:
        """Kill the process with everything that it started, wait until all that is gone, and remove its folder."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(_END_SECONDS)
        if self.sandbox is not None:
            self.process.close_doors()
        shutil.rmtree(self.folder, ignore_errors=True)


def launch(
    *, how: str = "warm", env: Mapping[str, str] | None = None, cwd: Path | None = None, sandbox: Sandbox | None = None
) -> Launched:
    """Start a kernel's process and return before it answers; what the options mean says `Kernel.start`.

    Raises KernelFailed.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    try:
        return _launch(folder, cwd or folder / "work", how, _environment(folder, env, cwd, sandbox), sandbox)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _environment(
    folder: Path, env: Mapping[str, str] | None, cwd: Path | None, sandbox: Sandbox | None
) -> dict[str, str]:
    environment = dict(os.environ if env is None else env)
    if sandbox is not None:
        environment = sandbox.environment(folder)
    if cwd is None:
        environment["COURSE_SOCKET_DIR"] = str(folder / "s")
    environment["IPYTHONDIR"] = str(folder / "ipython")
    environment.pop("NBGRADER_EXECUTION", None)
    return environment


def _launch(folder: Path, work: Path, how: str, env: dict[str, str], sandbox: Sandbox | None) -> Launched:
    for name in (*_FOLDERS, HOSTED):
        (folder / name).mkdir()
    address: dict[str, Any] = {}
    if fork_client.why_not() is None:
        address = {"transport": "ipc", "ip": str(folder / "z"), **_PORTS}
    key = secrets.token_hex(32).encode()
    path, info = write_connection_file(str(folder / "c.json"), key=key, **address)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", path, *OPTIONS]
    process, why_cold = _start(how, argv, env, work, folder, sandbox)
    door = folder
    if sandbox is not None:
        door = Path(f"/proc/self/fd/{process.doors[0]}")
        info["ip"] = str(door / "z")
    return Launched(folder, work, door, process, key, info, sandbox, why_cold)


def _start(
    how: str, argv: list[str], env: dict[str, str], work: Path, folder: Path, sandbox: Sandbox | None
) -> tuple[KernelProcess, str]:
    """Return the process, and why it is not warm."""
    null = os.open(os.devnull, os.O_RDWR)
    where: _Where = (argv, env, str(work), null, null, str(folder))
    try:
        if sandbox is not None:
            return _jailed(where, sandbox, folder), ""
        why_cold = "asked to be cold"
        if how == "warm":
            try:
                return fork_client.start(*where), ""
            except fork_client.NotWarm as reason:
                why_cold = str(reason)
        if fork_client.why_not() is None:
            return start_cold(*where), why_cold
        return _Plain(argv, env, str(work)), why_cold  # type: ignore[return-value]  # it answers like one
    except OSError as error:
        raise KernelFailed(f"the kernel did not start: {error}; `course doctor` looks for the cause") from error
    finally:
        os.close(null)


def _jailed(where: _Where, sandbox: Sandbox, folder: Path) -> KernelProcess:
    try:
        return fork_client.start(*where, sandbox.request(folder, _FOLDERS))
    except fork_client.NotWarm as reason:
        raise KernelFailed(f"the kernel did not start: {reason}") from reason


class _Plain(subprocess.Popen[bytes]):
    """A kernel without a keeper, where there is no Linux: its process group is killed, detached children are not."""

    def __init__(self, argv: list[str], env: dict[str, str], cwd: str) -> None:
        null = subprocess.DEVNULL
        super().__init__(argv, env=env, cwd=cwd, stdin=null, stdout=null, stderr=null, start_new_session=True)

    def kill(self) -> None:
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        else:
            super().kill()
