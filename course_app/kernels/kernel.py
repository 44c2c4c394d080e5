"""One kernel, run cell by cell, with everything bounded: time, output, and what is left when it has ended."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from .cell_output import MAX_OUTPUT_BYTES, CellOutput, CellResult
from .channels import Channels
from .launch import How, KernelFailed, Launched, launch
from .sandbox.policy import Sandbox
from .untrusted_files import memory_of

START_SECONDS = 20.0
"""How long a kernel may take to answer for the first time."""

_POLL_SECONDS = 0.2
_SUBSCRIBE_SECONDS = 1.0
_INTERRUPT_SECONDS = 2.0  # a started kernel needs up to 1 s for its first traceback on a busy machine
_WAKE_SECONDS = 0.02

RunAside = Callable[[Callable[[], None]], Awaitable[None]]
"""Runs a function that blocks without blocking the event loop, as `asyncio.to_thread` does."""


class Kernel:
    """A kernel that runs cells. Use it as `async with await Kernel.start() as kernel`.

    `folder` is private to this kernel and is removed with it; its cells run in `work`, and servers that they start
    listen in `folder / conventions.SOCKETS`.
    `outside_folder` is the path of `folder` for this process: a sandboxed kernel's lies in that kernel's memory, and
    what it holds is read with `untrusted_files`.
    `sandbox` is its sandbox, or None.
    `why_started` is empty for a forked kernel, and otherwise says why it was not forked.
    `killed` says that a cell could not be stopped otherwise.
    """

    def __init__(self, launched: Launched, run_aside: RunAside = asyncio.to_thread) -> None:
        """Take a kernel that is not connected to; `start` and `connected` do that."""
        self.folder, self.outside_folder, self.work = launched.folder, launched.outside_folder, launched.work
        self.sandbox = launched.sandbox
        self.why_started = launched.why_started
        self.killed = False
        self._launched = launched
        self._run_aside = run_aside
        self._process = launched.process
        self._overrun = ""
        self._running: CellOutput | None = None
        self._died = asyncio.Event()
        self._subscribed = asyncio.Event()
        self._answered = asyncio.Event()
        self._channels = Channels(launched.connection, launched.key)
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def start(
        cls,
        *,
        how: How = "forked",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = START_SECONDS,
        sandbox: Sandbox | None = None,
    ) -> Kernel:
        """Start a kernel and wait until it answers, at most `timeout` seconds.

        `how` is `forked`, where that is possible, or `started`.
        `env` is its environment; None stands for this process's.
        With `cwd` the cells run in that folder, and servers listen on TCP, as in a learner's own kernel.
        Without it they run in the kernel's own folder, and servers listen on Unix sockets.
        With `sandbox` the kernel runs in it and has its environment; `env` and `cwd` do not apply.
        Raises KernelFailed.
        """
        launched = await asyncio.to_thread(launch, how=how, env=env, cwd=cwd, sandbox=sandbox)
        return await cls.connected(launched, timeout)

    @classmethod
    async def connected(
        cls, launched: Launched, timeout: float = START_SECONDS, run_aside: RunAside = asyncio.to_thread
    ) -> Kernel:
        """Connect to a kernel and wait until it answers, at most `timeout` seconds.

        `run_aside` runs `Launched.end`, which blocks until nothing of the kernel is left.
        Raises KernelFailed, and has ended the kernel by then.
        """
        kernel = cls(launched, run_aside)
        try:
            kernel._connect()
            await kernel._wait_for_answer(timeout)
        except BaseException:
            await kernel.stop()
            raise
        return kernel

    async def __aenter__(self) -> Kernel:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def alive(self) -> bool:
        """Whether the kernel's process has not been seen to end."""
        return not self._died.is_set()

    @property
    def pid(self) -> int:
        """The process id of the kernel, outside of its sandbox."""
        return self._process.pid

    @property
    def ending(self) -> str:
        """How the kernel ended, in words."""
        if self._overrun:
            return self._overrun
        code = self._process.returncode
        if code is None:
            return "the kernel lives"
        if code < 0:
            return f"the kernel was ended by {signal.Signals(-code).name}"
        return f"the kernel ended itself with exit code {code}"

    async def execute(
        self, source: str, *, timeout: float, max_output_bytes: int = MAX_OUTPUT_BYTES, silent: bool = False
    ) -> CellResult:
        """Run one cell for at most `timeout` seconds, and stop it when its output exceeds `max_output_bytes`.

        `silent` leaves no trace in the cell history.
        A kernel whose cell does not stop when it is interrupted is killed.
        """
        if not self.alive:
            return CellResult("not_reached")
        if not self._subscribed.is_set():  # outputs that are published before that are lost
            await _within(self._subscribed, _SUBSCRIBE_SECONDS)
        began = time.perf_counter()
        content = {
            "code": source,
            "silent": silent,
            "store_history": not silent,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        running = self._running = CellOutput(self._channels.send("execute_request", content), max_output_bytes)
        try:
            status = await self._follow(running, timeout)
            if status in ("timeout", "flood"):
                await self._stop_cell(running)
        finally:
            self._running = None
        detail = running.detail(status, timeout, self.ending)
        return CellResult(status, tuple(running.outputs), running.truncated, detail, time.perf_counter() - began)

    async def has_ended(self) -> bool:
        """Return whether the kernel has ended; wait a moment, because its sockets close before its process ends."""
        return not self.alive or await _within(self._died, 2 * _POLL_SECONDS)

    async def stop(self) -> None:
        """Kill the kernel with everything that it started, and remove its folder and sockets."""
        if self._process.poll() is None:
            self._process.kill()
        self._died.set()
        for task in self._tasks:
            task.cancel()
        try:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        finally:
            await self._channels.close()
            await self._run_aside(self._launched.end)

    # Listening

    def _connect(self) -> None:
        self._channels.connect()
        tasks = (self._read_shell(), self._read_iopub(), self._watch_process())
        self._tasks = [asyncio.create_task(task) for task in tasks]

    async def _wait_for_answer(self, timeout: float) -> None:
        self._channels.send("kernel_info_request", {})
        waits = [asyncio.create_task(event.wait()) for event in (self._answered, self._subscribed)]
        died: asyncio.Future[Any] = asyncio.create_task(self._died.wait())
        try:
            both: asyncio.Future[Any] = asyncio.ensure_future(asyncio.wait(waits))
            await asyncio.wait({both, died}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if not both.done():
                both.cancel()
                why = f"no answer within {timeout:g} s" if self.alive else self.ending
                raise KernelFailed(f"the kernel did not start: {why}; `course doctor` looks for the cause")
        finally:
            for task in (*waits, died):
                task.cancel()

    async def _watch_process(self) -> None:
        while self._process.poll() is None:
            self._limit_memory()
            await asyncio.sleep(_POLL_SECONDS)
        self._died.set()
        if self._running:
            self._running.changed.set()

    def _limit_memory(self) -> None:
        """Kill a sandboxed kernel whose processes together hold more memory than they may."""
        if self.sandbox is None or not self._process.descriptors or self._overrun:
            return
        limit = self.sandbox.limits.memory
        if memory_of(self._process.descriptors[1], enough=limit) > limit:
            self._overrun = f"the kernel was ended because it held more than {limit // 2**20} MB of memory"
            self._process.kill()

    async def _read_shell(self) -> None:
        while True:
            message = await self._channels.shell_message()
            self._answered.set()
            if self._running:
                self._running.take_reply(message)

    async def _read_iopub(self) -> None:
        while self.alive:
            frames = await self._channels.iopub_frames()
            if frames is None:
                await self._subscribe_again()
            elif self._running is None or self._running.wants(sum(map(len, frames))):
                self._take_iopub(frames)

    async def _subscribe_again(self) -> None:
        """Subscribe anew after a message above the limit; a kernel that ends closes the connection too."""
        if await self.has_ended():
            return
        if self._running is not None:
            self._running.truncate()
        self._subscribed.clear()
        self._channels.connect_iopub()

    def _take_iopub(self, frames: list[bytes]) -> None:
        message = self._channels.parse(frames)
        if message is None:
            return
        if message.kind == "iopub_welcome":
            self._subscribed.set()
        elif self._running is not None:
            self._running.take_output(message)

    # Following a cell

    async def _follow(self, running: CellOutput, timeout: float) -> str:
        deadline = time.monotonic() + timeout
        while True:
            status = running.status()
            if status is not None:
                return status
            if not self.alive:
                return "dead"
            left = deadline - time.monotonic()
            if left <= 0:
                return "timeout"
            await _next_change(running, left)

    async def _stop_cell(self, running: CellOutput) -> None:
        """Interrupt the cell; kill the kernel where that does not help.

        A second interrupt is for a first that came before the cell had begun.
        It must not come while ipykernel handles the first, which loses the reply.
        """
        for _ in range(2):
            if running.reply is not None:
                return
            self._process.send_signal(signal.SIGINT)
            await asyncio.sleep(_WAKE_SECONDS)
            # ipykernel asks the loop to cancel an `await` without waking the loop;
            # any message to the shell channel wakes it.
            self._channels.send("kernel_info_request", {})
            deadline = time.monotonic() + _INTERRUPT_SECONDS
            while self.alive and running.reply is None and time.monotonic() < deadline:
                await _next_change(running, deadline - time.monotonic())
            if running.reply is not None or not self.alive:
                return
        self.killed = True
        self._process.kill()
        await self._died.wait()


async def _next_change(running: CellOutput, seconds: float) -> None:
    if await _within(running.changed, seconds):
        running.changed.clear()


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event for some seconds, and return whether it came.

    `asyncio.wait_for` can lose a cancellation before Python 3.12.
    """
    waiting = asyncio.ensure_future(event.wait())
    try:
        return bool((await asyncio.wait([waiting], timeout=seconds))[0])
    finally:
        waiting.cancel()
