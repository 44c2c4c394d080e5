"""Real uvicorn servers and raw clients for the tests of the reference apps."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from types import ModuleType
from typing import Any

import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.paths import ROOT

WAIT = 60.0  # seconds: an upper bound for a busy machine, never a measure


def fresh(name: str) -> ModuleType:
    """The module `course_app.apps.<name>` with a manager that no other test has used."""
    importlib.import_module(f"course_app.apps.{name}")
    return importlib.reload(sys.modules[f"course_app.apps.{name}"])


class Errors(logging.Handler):
    """Collects what uvicorn logs as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage() + (repr(record.exc_info[1]) if record.exc_info else ""))


class Live:
    """A served app: its port, what it logged as errors, and the loop that it runs on."""

    def __init__(self, port: int, errors: list[str], loop: asyncio.AbstractEventLoop) -> None:
        self.port, self.errors, self.loop = port, errors, loop

    @contextlib.asynccontextmanager
    async def client(self, number: int, query: str = "") -> AsyncIterator[ClientConnection]:
        address = f"ws://127.0.0.1:{self.port}/ws/{number}{query}"
        async with connect(address, proxy=None, close_timeout=1, open_timeout=WAIT, ping_interval=None) as websocket:
            yield websocket

    async def clients(self, stack: contextlib.AsyncExitStack, *numbers: int, query: str = "") -> list[ClientConnection]:
        return [await stack.enter_async_context(self.client(number, query)) for number in numbers]

    async def stalled(self, number: int, query: str = "") -> socket.socket:
        """A client that never reads more than the answer to its handshake; its receive buffer is small."""
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(sock, ("127.0.0.1", self.port))
        await loop.sock_sendall(
            sock,
            f"GET /ws/{number}{query} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode(),
        )
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += await asyncio.wait_for(loop.sock_recv(sock, 1), WAIT)
        return sock


@contextlib.contextmanager
def serving(app: Any, **options: Any) -> Iterator[Live]:
    """Serve `app` in a thread of its own; on the way out its connections are closed and the thread ends."""
    errors = Errors()
    log = logging.getLogger("uvicorn.error")
    log.addHandler(errors)
    started = threading.Event()
    options = {"log_config": None, "ws_ping_interval": None, "timeout_graceful_shutdown": 3} | options
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, **options))
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        task = asyncio.ensure_future(server.serve())
        while not server.started and not task.done():
            await asyncio.sleep(0.01)
        started.set()
        await task

    def run() -> None:
        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        assert started.wait(WAIT) and server.started
        yield Live(server.servers[0].sockets[0].getsockname()[1], errors.texts, loops[0])
    finally:
        server.should_exit = True
        thread.join(WAIT)
        log.removeHandler(errors)
        assert not thread.is_alive()


async def read(websocket: ClientConnection, count: int) -> list[str]:
    """The next `count` texts."""
    async with asyncio.timeout(WAIT):
        return [str(await websocket.recv()) for _ in range(count)]


async def read_until(websocket: ClientConnection, last: str) -> list[str]:
    """The texts up to `last`, which is included."""
    texts: list[str] = []
    async with asyncio.timeout(WAIT):
        while not texts or texts[-1] != last:
            texts.append(str(await websocket.recv()))
    return texts


async def read_all(websocket: ClientConnection, quiet: float = 0.5) -> list[str]:
    """What arrives until nothing came for `quiet` seconds, or the connection closed."""
    texts: list[str] = []
    with contextlib.suppress(TimeoutError, ConnectionClosed):
        while True:
            texts.append(str(await asyncio.wait_for(websocket.recv(), quiet)))
    return texts


async def close_code(websocket: ClientConnection) -> int | None:
    """The code that the connection closes with."""
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(WAIT):
            while True:
                await websocket.recv()
    return websocket.close_code


def reset(websocket: ClientConnection) -> None:
    """End the connection as a crashed machine's kernel would: a TCP reset, no close frame."""
    sock = websocket.transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    websocket.transport.abort()


async def settle(condition: Any) -> None:
    """Wait until `condition()` is true."""
    async with asyncio.timeout(WAIT):
        while not condition():
            await asyncio.sleep(0.02)


@contextlib.contextmanager
def process(app: str, *options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`uvicorn <app>` in a process of its own: the process and its port."""
    command = [sys.executable, "-m", "uvicorn", app, "--port", "0", *options]
    child = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        assert child.stderr
        for line in child.stderr:
            if found := re.search(r"running on http://127\.0\.0\.1:(\d+)", line):
                break
        else:
            raise AssertionError("uvicorn did not start")
        yield child, int(found[1])
    finally:
        child.kill()
        child.communicate(timeout=WAIT)


def terminate(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGTERM)
