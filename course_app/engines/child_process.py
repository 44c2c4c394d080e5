"""A program of somebody else's, in a folder of its own: started, waited for, ended, and never left behind."""

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

if TYPE_CHECKING:
    import pwd

STARTS_WITHIN = 20.0  # seconds; a busy machine is slow, a working engine needs less than one
STOPS_WITHIN = 10.0
LOOK_EVERY = 0.02

# Runs beside us, reads "+<process group> <folder>" and "-<process group>", and clears up when its standard input ends,
# which it does even when we are killed.
REAPER = """
import os, shutil, signal, sys
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
left = {}
for line in sys.stdin:
    group, _, folder = line[1:].strip().partition(" ")
    if line[0] == "+": left[int(group)] = folder
    else: left.pop(int(group), None)
for group, folder in left.items():
    try: os.killpg(group, signal.SIGKILL)
    except OSError: pass
for folder in left.values(): shutil.rmtree(folder, ignore_errors=True)
"""

_undertaker: subprocess.Popen[bytes] | None = None
_running: list[Engine] = []


def _tell_undertaker(line: str) -> None:
    global _undertaker
    if _undertaker is None or _undertaker.poll() is not None:
        _undertaker = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", REAPER], stdin=subprocess.PIPE, start_new_session=True
        )
    assert _undertaker.stdin is not None
    _undertaker.stdin.write(line.encode() + b"\n")
    _undertaker.stdin.flush()


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody uses now, for programs that cannot choose one themselves.

    It lies below the range from which systems give ports to clients, so that no client takes it during a restart.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


def answers(port: int) -> bool:
    """Whether something accepts connections on 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def find(program: str, install: str, *places: Path) -> str:
    """Return the path of `program`, looked for on PATH and in `places`; raise `CourseError` with how to install it."""
    for place in (None, *places, Path("/usr/sbin"), Path("/usr/local/sbin"), Path(sys.prefix) / "bin"):
        found = shutil.which(program, path=place and str(place))
        if found:
            return found
    raise CourseError(f"{program} is not installed: {install}")


def unprivileged() -> pwd.struct_passwd | None:
    """Return the user that a program runs as which refuses to run as root; None where we are not root."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    import pwd  # not on Windows, where nobody is root

    return pwd.getpwnam("nobody")


class Engine:
    """One program, or several, under one name. Subclasses say how to start it and how to see that it is ready."""

    name = "engine"

    def __init__(self) -> None:
        """Make the folder; nothing runs yet."""
        self.folder = Path(tempfile.mkdtemp(prefix=f"course-{self.name}-"))
        self.log = self.folder / "log"
        self._processes: list[subprocess.Popen[bytes]] = []
        _running.append(self)

    async def start(self) -> Self:
        """Start it where it last ran, and return when it is ready; raise `CourseError` with its last words if not."""
        raise NotImplementedError

    @property
    def running(self) -> bool:
        """Whether every process of it is alive."""
        return bool(self._processes) and all(process.poll() is None for process in self._processes)

    @property
    def pids(self) -> list[int]:
        """The process ids, in the order of starting."""
        return [process.pid for process in self._processes]

    async def halt(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End its processes and keep its folder, so that `start` can go on from there."""
        processes, self._processes = self._processes, []
        for process in processes:
            self._signal(process, how)
        for process in processes:
            await self._await_end(process)

    def send_signal(self, which: signal.Signals) -> None:
        """Send a signal to each of its processes, as `kill` on the command line does."""
        for process in self._processes:
            self._signal(process, which)

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self.halt(signal.SIGKILL)

    async def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it, and start it again at the same place."""
        await self.halt(how)
        await self.start()

    async def stop(self) -> None:
        """End it and remove its folder; a second call does nothing."""
        await self.halt()
        if self in _running:
            _running.remove(self)
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)

    async def __aenter__(self) -> Self:
        """Return itself; it runs already."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        await self.stop()

    # For subclasses.

    async def launch(
        self,
        command: list[str],
        ready: Callable[[], bool],
        *,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a process and wait until `ready()`.

        It gets a session of its own, so that interrupting a notebook does not reach it.
        """
        with self.log.open("ab") as log:
            process = self._spawn(command, log, env, user)
        self._processes.append(process)
        deadline = time.monotonic() + STARTS_WITHIN
        while not await asyncio.to_thread(ready):
            if process.poll() is not None or time.monotonic() > deadline:
                ended = "ended at once" if process.poll() is not None else f"was not ready within {STARTS_WITHIN:g} s"
                last_words = self.last_words()
                await self.stop()
                raise CourseError(f"{self.name}: {Path(command[0]).name} {ended}: {last_words}")
            await asyncio.sleep(LOOK_EVERY)
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
        _tell_undertaker(f"+{process.pid} {self.folder}")
        return process

    def last_words(self) -> str:
        """Return the last line of its log."""
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return lines[-1].strip() if lines else "it said nothing"

    def _signal(self, process: subprocess.Popen[bytes], how: signal.Signals) -> None:
        if process.poll() is None:
            (os.killpg if how == signal.SIGKILL else os.kill)(process.pid, how)

    async def _await_end(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + STOPS_WITHIN
        while process.poll() is None:
            if time.monotonic() > deadline:
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.sleep(LOOK_EVERY)
        _tell_undertaker(f"-{process.pid}")


async def stop_engines() -> None:
    """Stop every engine of this process."""
    await asyncio.gather(*(engine.stop() for engine in list(_running)))


@atexit.register
def _stop_at_exit() -> None:
    for engine in list(_running):
        for process in engine._processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(engine.folder, ignore_errors=True)
