"""One kernel, run cell by cell, with everything bounded: time, output, and what is left when it has ended."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import re
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.session import DELIM, Session

from .launch import KernelFailed, Launched, launch
from .sandbox.policy import Sandbox
from .supervised_process import KernelProcess
from .untrusted_files import memory_of

CAP_BYTES = 1_000_000
"""The most output, in bytes as they travel, that one cell may have."""
START_SECONDS = 20.0

_POLL_SECONDS = 0.2
_GRACE_SECONDS = 1.0
_MESSAGE_BYTES = 2 * CAP_BYTES
_QUEUED_MESSAGES = 16
_SMALL = 4096
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_CELL_FILE = re.compile(r"\(\d+\.py, line (\d+)\)")
_ARROW = re.compile(r"^-+> *(\d+) (.*)$", re.MULTILINE)

Clear = Callable[[Callable[[], None]], Awaitable[None]]


@dataclass(frozen=True)
class CellResult:
    """What came of one cell.

    `status` is `ok`, `error` (it raised), `timeout`, `flood` (it printed more than the cap), `dead` (the kernel
    ended) or `not_reached`.
    `outputs` are in nbformat's shape. `truncated` says that some of them were dropped.
    `detail` says in words what was raised, what was waited for, or how the kernel ended.
    `seconds` is the time that it took.
    """

    status: str
    outputs: tuple[dict[str, Any], ...] = ()
    truncated: bool = False
    detail: str = ""
    seconds: float = 0.0


@dataclass
class _Running:
    """The request that is being executed."""

    id: str
    cap: int
    outputs: list[dict[str, Any]] = field(default_factory=list)
    size: int = 0
    truncated: bool = False
    replied: dict[str, Any] | None = None
    idle: bool = False
    change: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def done(self) -> bool:
        return self.replied is not None and self.idle


class Kernel:
    """A kernel that runs cells. Use it as `async with await Kernel.start() as kernel`.

    `why_cold` is empty for a warm kernel and otherwise says why it is none.
    `killed` says that a cell had to be stopped that way. `folder` is private to this kernel and goes with it;
    its cells run in `folder / "work"`, and servers that they start listen in `folder / "s"`.
    `door` is the same folder as this process reaches it: a sandboxed kernel's lies in that kernel's memory.
    """

    def __init__(self, launched: Launched, clear: Clear = asyncio.to_thread) -> None:
        self.folder, self.door, self.work = launched.folder, launched.door, launched.work
        self.sandbox = launched.sandbox
        self.why_cold = launched.why_cold
        self.overrun = ""
        self.killed = False
        self._launched = launched
        self._clear = clear
        self._process = launched.process
        self._context = zmq.asyncio.Context()
        self._session = Session(key=launched.key)
        self._running: _Running | None = None
        self._died = asyncio.Event()
        self._welcomed = asyncio.Event()
        self._ready = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._cut: asyncio.Future[Any] | None = None

    @classmethod
    async def start(
        cls,
        *,
        how: str = "warm",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = START_SECONDS,
        sandbox: Sandbox | None = None,
    ) -> Kernel:
        """Start a kernel and wait until it answers, at most `timeout` seconds.

        `how` is `warm` (cold where it cannot be warm) or `cold`. `env` is its environment (default: this process's).
        With `cwd` the cells run in that folder, and servers listen on TCP, as in a learner's own kernel.
        Without it they run in `work`, and servers listen on Unix sockets.
        A `sandbox` keeps the kernel from everything else, and gives it its environment; `env` and `cwd` do not apply.
        Raises KernelFailed.
        """
        launched = await asyncio.to_thread(launch, how=how, env=env, cwd=cwd, sandbox=sandbox)
        return await cls.connected(launched, timeout)

    @classmethod
    async def connected(
        cls, launched: Launched, timeout: float = START_SECONDS, clear: Clear = asyncio.to_thread
    ) -> Kernel:
        """Connect to a kernel and wait until it answers, at most `timeout` seconds.

        `clear` runs what ends it, which blocks until nothing of it is left. Raises KernelFailed.
        """
        kernel = cls(launched, clear)
        try:
            kernel._connect()
            await kernel._answer(timeout)
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
        return not self._died.is_set()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ending(self) -> str:
        """How the kernel ended, in words."""
        if self.overrun:
            return self.overrun
        code = self._process.returncode
        if code is None:
            return "the kernel lives"
        if code < 0:
            return f"the kernel was ended by {signal.Signals(-code).name}"
        return f"the kernel ended itself with exit code {code}"

    async def execute(
        self, source: str, *, timeout: float, cap_bytes: int = CAP_BYTES, silent: bool = False
    ) -> CellResult:
        """Run one cell for at most `timeout` seconds, and stop it when its output exceeds `cap_bytes`.

        `silent` leaves no trace in the cell history.
        A cell that does not stop when it is interrupted takes the kernel with it.
        """
        if not self.alive:
            return CellResult("not_reached")
        await self._welcome()
        began = time.perf_counter()
        content = {
            "code": source,
            "silent": silent,
            "store_history": not silent,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        message = self._session.msg("execute_request", content)
        running = self._running = _Running(message["header"]["msg_id"], cap_bytes)
        self._session.send(self._shell, message)
        try:
            status = await self._follow(running, timeout)
            if status in ("timeout", "flood"):
                await self._stop_cell(running)
        finally:
            self._running = None
        return CellResult(
            status,
            tuple(running.outputs),
            running.truncated,
            self._detail(status, running, timeout),
            time.perf_counter() - began,
        )

    async def ends(self) -> bool:
        """Wait a moment for a kernel that has just hung up on somebody, and return whether it has ended."""
        return not self.alive or await _within(self._died, 2 * _POLL_SECONDS)

    async def stop(self) -> None:
        """Kill the kernel with its whole process tree, and remove its folder and sockets."""
        if self._process.poll() is None:
            self._process.kill()
        self._died.set()
        tasks = [*self._tasks, *([self._cut] if self._cut else [])]
        for task in tasks:
            task.cancel()
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            self._context.destroy(linger=0)
            await self._clear(self._launched.end)

    # Starting

    def _connect(self) -> None:
        self._shell = self._socket(zmq.DEALER, "shell_port")
        self._listen()
        self._tasks = [asyncio.create_task(one) for one in (self._read_shell(), self._read_iopub(), self._watch())]

    def _listen(self) -> None:
        self._welcomed.clear()
        self._iopub = self._socket(zmq.SUB, "iopub_port")
        self._cut = asyncio.ensure_future(self._iopub.get_monitor_socket(zmq.EVENT_DISCONNECTED).recv_multipart())

    def _socket(self, kind: int, port: str) -> zmq.asyncio.Socket:
        info = self._launched.info
        socket = self._context.socket(kind)
        socket.linger = 0
        socket.reconnect_ivl = 5  # milliseconds; the kernel binds some time after this connects
        socket.maxmsgsize = _MESSAGE_BYTES
        socket.rcvhwm = _QUEUED_MESSAGES
        if kind == zmq.SUB:
            socket.subscribe(b"")
        separator = "-" if info["transport"] == "ipc" else ":"
        socket.connect(f"{info['transport']}://{info['ip']}{separator}{info[port]}")
        return socket

    async def _answer(self, timeout: float) -> None:
        self._session.send(self._shell, "kernel_info_request", {})
        waits = [asyncio.create_task(one.wait()) for one in (self._ready, self._welcomed)]
        died: asyncio.Future[Any] = asyncio.create_task(self._died.wait())
        try:
            both: asyncio.Future[Any] = asyncio.ensure_future(asyncio.wait(waits))
            await asyncio.wait({both, died}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if not both.done():
                both.cancel()
                why = f"no answer within {timeout:g} s" if self.alive else self.ending
                raise KernelFailed(f"the kernel did not start: {why}; `course doctor` looks for the cause")
        finally:
            for one in (*waits, died):
                one.cancel()

    # Listening

    async def _watch(self) -> None:
        while self._process.poll() is None:
            self._weigh(self._process)
            await asyncio.sleep(_POLL_SECONDS)
        self._died.set()
        if self._running:
            self._running.change.set()

    def _weigh(self, process: KernelProcess) -> None:
        """Kill a sandboxed kernel whose processes together hold more memory than they may."""
        if self.sandbox is None or not process.doors or self.overrun:
            return
        limit = self.sandbox.limits.memory
        if memory_of(process.doors[1], enough=limit) > limit:
            self.overrun = f"the kernel was ended because it held more than {limit // 2**20} MB of memory"
            process.kill()

    async def _read_shell(self) -> None:
        while True:
            frames = await self._shell.recv_multipart()
            message = self._parse(frames)
            if message is None:
                continue
            self._ready.set()
            running = self._running
            if running and message["parent_header"].get("msg_id") == running.id:
                running.replied = message["content"]
                running.change.set()

    async def _read_iopub(self) -> None:
        while self.alive:
            assert self._cut is not None
            receiving = asyncio.ensure_future(self._iopub.recv_multipart())
            await asyncio.wait([receiving, self._cut], return_when=asyncio.FIRST_COMPLETED)
            if receiving.done():
                self._take(receiving.result())
                continue
            receiving.cancel()
            await self._listen_again()

    async def _listen_again(self) -> None:
        """Connect anew after a message above the limit, at which ZeroMQ gives the connection up for good."""
        self._iopub.close()
        if await _within(self._died, 2 * _POLL_SECONDS):  # a kernel that ends cuts the connection too
            return
        if self._running is not None:
            self._running.truncated = True
            self._running.change.set()
        self._listen()

    def _take(self, frames: list[bytes]) -> None:
        size, running = sum(map(len, frames)), self._running
        if running is not None:
            running.size += size
            if running.size > running.cap and not running.truncated:
                running.truncated = True
                running.change.set()
            if running.truncated and size > _SMALL:
                return
        message = self._parse(frames)
        if message is None:
            return
        kind = message["msg_type"]
        if kind == "iopub_welcome":
            self._welcomed.set()
        elif running is not None and message["parent_header"].get("msg_id") == running.id:
            if kind == "status" and message["content"].get("execution_state") == "idle":
                running.idle = True
                running.change.set()
            elif not running.truncated:
                with contextlib.suppress(KeyError):  # the learner's code can sign what it likes
                    _collect(running.outputs, kind, message["content"])

    def _parse(self, frames: list[bytes]) -> dict[str, Any] | None:
        """Return type, parent header and content of a message, or None for one that is not signed with this key.

        Source: jupyter_client documentation, "Messaging in Jupyter", the wire protocol.
        """
        try:
            signature, *parts = frames[frames.index(DELIM) + 1 :][:5]
            if not hmac.compare_digest(signature, self._session.sign(parts)):
                return None
            header, parent, _metadata, content = map(json.loads, parts)
            return {"msg_type": str(header["msg_type"]), "parent_header": dict(parent), "content": dict(content)}
        except (ValueError, TypeError, KeyError, RecursionError):
            return None

    # Following a cell

    async def _follow(self, running: _Running, timeout: float) -> str:
        deadline = time.monotonic() + timeout
        while True:
            if running.truncated:
                return "flood"
            if running.done:
                return "ok" if running.replied and running.replied.get("status") == "ok" else "error"
            if not self.alive:
                return "dead"
            left = deadline - time.monotonic()
            if left <= 0:
                return "timeout"
            await self._next(running, left)

    async def _welcome(self) -> None:
        if not self._welcomed.is_set():
            await _within(self._welcomed, _GRACE_SECONDS)

    async def _next(self, running: _Running, seconds: float) -> None:
        if await _within(running.change, seconds):
            running.change.clear()

    async def _stop_cell(self, running: _Running) -> None:
        """Interrupt the cell, twice where needed; kill the kernel where that does not help."""
        for _ in range(2):
            if running.replied is not None:
                return
            self._process.send_signal(signal.SIGINT)
            await asyncio.sleep(0.02)
            # ipykernel asks the loop to cancel an `await` without waking the loop;
            # any message to the shell channel wakes it.
            self._session.send(self._shell, "kernel_info_request", {})
            deadline = time.monotonic() + _GRACE_SECONDS
            while self.alive and running.replied is None and time.monotonic() < deadline:
                await self._next(running, deadline - time.monotonic())
            if running.replied is not None or not self.alive:
                return
        self.killed = True
        self._process.kill()
        await self._died.wait()

    def _detail(self, status: str, running: _Running, timeout: float) -> str:
        reply = running.replied or {}
        if status == "error":
            where = _where(reply)
            said = _CELL_FILE.sub(r"(line \1)", str(reply.get("evalue", "")))
            return f"{reply.get('ename', 'Error')}: {said}".rstrip(": ")[:300] + where
        if status == "timeout":
            return f"it was still running after {timeout:g} s" + _where(reply)
        if status == "flood":
            return f"it printed more than {running.cap:,} bytes" + _where(reply)
        return self.ending if status == "dead" else ""


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event for some seconds; true where it came.
    `asyncio.wait_for` can lose a cancellation before Python 3.12."""
    waiting = asyncio.ensure_future(event.wait())
    try:
        return bool((await asyncio.wait([waiting], timeout=seconds))[0])
    finally:
        waiting.cancel()


def _collect(outputs: list[dict[str, Any]], kind: str, content: dict[str, Any]) -> None:
    if kind == "stream":
        outputs.append({"output_type": "stream", "name": content["name"], "text": content["text"]})
    elif kind == "error":
        outputs.append({"output_type": "error", **{key: content[key] for key in ("ename", "evalue", "traceback")}})
    elif kind in ("display_data", "execute_result"):
        output = {"output_type": kind, "data": content["data"], "metadata": content["metadata"]}
        if kind == "execute_result":
            output["execution_count"] = content["execution_count"]
        outputs.append(output)


def _where(reply: Mapping[str, Any]) -> str:
    """Return the line of the cell that a traceback points at, worded to end a sentence.
    The learner's code can sign a reply of its own, with any traceback."""
    lines = reply.get("traceback")
    traceback = _ANSI.sub("", "\n".join(map(str, lines))) if isinstance(lines, list) else ""
    found = list(_ARROW.finditer(traceback.partition("Cell In")[2].partition("File ")[0]))
    return f", in line {found[-1][1]}: {found[-1][2].strip()[:120]}" if found else ""
