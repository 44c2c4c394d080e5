"""A program as a child process in a folder of its own: started, waited for, stopped, and never left behind."""

from __future__ import annotations

import asyncio
import atexit
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from ..errors import CourseError
from . import reaper

if TYPE_CHECKING:
    import pwd

START_TIMEOUT = 20.0  # seconds; a busy machine is slow, a working engine needs less than one
STOP_TIMEOUT = 10.0  # seconds from the signal until SIGKILL
POLL_INTERVAL = 0.02  # seconds

_engines: list[Engine] = []


def free_port() -> int:
    """Return a free TCP port of 127.0.0.1, for programs that cannot choose one themselves.

    It is from 20000 to 31999, below the ephemeral ports of Linux (ip(7), `ip_local_port_range`): no client takes it
    during a restart.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


def accepts_connections(port: int) -> bool:
    """Return whether a program accepts TCP connections on `port` of 127.0.0.1; waits half a second at most."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def find_program(program: str, install: str, *folders: Path) -> str:
    """Return the path of `program`, from PATH, from `folders` or from the usual places for servers.

    Raises `CourseError` with `install`, the sentence on how to install it, when it is in none of them.
    """
    for folder in (None, *folders, Path("/usr/sbin"), Path("/usr/local/sbin"), Path(sys.prefix) / "bin"):
        found = shutil.which(program, path=folder and str(folder))
        if found:
            return found
    raise CourseError(f"{program} is not installed: {install}")


def unprivileged_user() -> pwd.struct_passwd | None:
    """Return the user `nobody` when we are root, for programs that refuse to run as root; otherwise None."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    import pwd  # not on Windows, where nobody is root

    return pwd.getpwnam("nobody")


class Engine:
    """One program, or several, under one name. Subclasses implement `start`.

    `folder` holds the data of the program, and `log` is the file with its standard output and standard error.
    """

    name = "engine"

    def __init__(self) -> None:
        """Make the folder; no process runs yet."""
        self.folder = Path(tempfile.mkdtemp(prefix=f"course-{self.name}-"))
        self.log = self.folder / "log"
        self._processes: list[subprocess.Popen[bytes]] = []
        _engines.append(self)

    async def start(self) -> Self:
        """Start the program, at the same address as before, and return when it is ready.

        Raises `CourseError` with the last line of its log when it ends or is not ready within `START_TIMEOUT` seconds.
        """
        raise NotImplementedError

    @property
    def running(self) -> bool:
        """Whether there are processes, and all of them are alive."""
        return bool(self._processes) and all(process.poll() is None for process in self._processes)

    @property
    def pids(self) -> list[int]:
        """The process ids, in the order of their start."""
        return [process.pid for process in self._processes]

    async def terminate(self, signum: signal.Signals = signal.SIGTERM) -> None:
        """End the processes with a signal and keep the folder, so that `start` can use its data again.

        A process that is alive after `STOP_TIMEOUT` seconds gets SIGKILL.
        """
        processes, self._processes = self._processes, []
        for process in processes:
            self._signal(process, signum)
        for process in processes:
            await self._wait(process)

    def send_signal(self, signum: signal.Signals) -> None:
        """Send a signal to each process and return at once, as kill(1) does."""
        for process in self._processes:
            self._signal(process, signum)

    async def kill(self) -> None:
        """End the processes with SIGKILL, which they cannot handle, and keep the folder."""
        await self.terminate(signal.SIGKILL)

    async def restart(self, signum: signal.Signals = signal.SIGTERM) -> None:
        """End the processes with a signal, and start the program again at the same address. Raises like `start`."""
        await self.terminate(signum)
        await self.start()

    async def stop(self) -> None:
        """End the processes and remove the folder; a second call does nothing."""
        await self.terminate()
        if self in _engines:
            _engines.remove(self)
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)

    async def __aenter__(self) -> Self:
        """Return the engine, which runs already."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the engine."""
        await self.stop()

    async def launch(
        self,
        command: list[str],
        ready: Callable[[], bool],
        *,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a process for a subclass, wait until `ready()` is true, and return the process.

        `ready` is called in a thread. `env` replaces the environment, and `user` is the name of the user to run as.
        The process gets a session of its own (setsid(2)), so an interrupt of the notebook does not reach it.
        Raises `CourseError` like `start`.
        """
        with self.log.open("ab") as log:
            process = self._spawn(command, log, env, user)
        self._processes.append(process)
        deadline = time.monotonic() + START_TIMEOUT
        while not await asyncio.to_thread(ready):
            if process.poll() is not None or time.monotonic() > deadline:
                ended = "ended at once" if process.poll() is not None else f"was not ready within {START_TIMEOUT:g} s"
                last_line = self.last_log_line()
                await self.stop()
                raise CourseError(f"{self.name}: {Path(command[0]).name} {ended}: {last_line}")
            await asyncio.sleep(POLL_INTERVAL)
        return process

    def _spawn(
        self, command: list[str], log: IO[bytes], env: Mapping[str, str] | None, user: str | None
    ) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=env,
            user=user,
            start_new_session=True,
        )
        reaper.watch(process.pid, self.folder)
        return process

    def last_log_line(self) -> str:
        """Return the last line of the log, or "no output" for an empty log."""
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return lines[-1].strip() if lines else "no output"

    def _signal(self, process: subprocess.Popen[bytes], signum: signal.Signals) -> None:
        if process.poll() is None:
            (os.killpg if signum == signal.SIGKILL else os.kill)(process.pid, signum)

    async def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + STOP_TIMEOUT
        while process.poll() is None:
            if time.monotonic() > deadline:
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.sleep(POLL_INTERVAL)
        reaper.forget(process.pid)


async def stop_engines() -> None:
    """Stop every engine that this process has started."""
    await asyncio.gather(*(engine.stop() for engine in list(_engines)))


@atexit.register
def _stop_at_exit() -> None:
    for engine in list(_engines):
        for process in engine._processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(engine.folder, ignore_errors=True)
