"""uvicorn's server as a task on an event loop that runs already.

Source: uvicorn, `uvicorn/server.py`, whose `serve`, `main_loop` and `shutdown` it adapts.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Generator

import uvicorn

GRACE = 0.1  # seconds that connections and endpoints get to end by themselves
LIFESPAN_GRACE = 2.0  # seconds that the app's shutdown gets
STOP_LIMIT = 6 * GRACE + LIFESPAN_GRACE  # seconds after which the server's own task is cancelled


class EmbeddedServer(uvicorn.Server):
    """A uvicorn server that takes no signals, exits no process, and stops at once even when an endpoint hangs."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = asyncio.Event()
        self.stopping = asyncio.Event()
        self.failure: BaseException | None = None

    async def run_embedded(self, sock: socket.socket) -> None:
        """Serve on `sock` until `stopping` is set.

        uvicorn raises SystemExit for a failed startup, which would end the kernel's loop: it is kept in `failure`.
        """
        try:
            await self._serve(sockets=[sock])
        except (SystemExit, Exception) as error:
            self.failure = error
        finally:
            sock.close()

    async def end(self, task: asyncio.Task[None]) -> None:
        """End `task`, which runs run_embedded, within STOP_LIMIT + GRACE seconds; what does not end is cancelled."""
        self.should_exit = True
        self.stopping.set()
        if not self.started:  # a startup that hangs hears nothing
            task.cancel()
        await asyncio.wait([task], timeout=STOP_LIMIT)
        left = [other for other in (task, *self._lifespan_tasks()) if not other.done()]
        for other in left:
            other.cancel()
        if left:
            await asyncio.wait(left, timeout=GRACE)

    def _lifespan_tasks(self) -> list[asyncio.Task[object]]:
        """Return the task of the app's lifespan while it lives: uvicorn keeps no reference that we could use."""
        lifespan = getattr(self, "lifespan", None)
        frames = ((task, getattr(task.get_coro(), "cr_frame", None)) for task in asyncio.all_tasks())
        return [task for task, frame in frames if lifespan and frame and frame.f_locals.get("self") is lifespan]

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Install no signal handler: the kernel has its own."""
        yield

    async def main_loop(self) -> None:
        """Set `serving`, and keep the date header fresh until `stopping` is set."""
        self.serving.set()
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self.stopping.wait()
                    return

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 - uvicorn names it
        """Close connections with 1012, then end by force what has not ended after GRACE seconds."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._settle()
        for connection in list(self.server_state.connections):
            if (transport := getattr(connection, "transport", None)) is not None:
                transport.abort()
        for _ in range(3):  # an endpoint may swallow a cancellation, as `except BaseException` does
            for task in list(self.server_state.tasks):
                task.cancel()
            await self._settle()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LIFESPAN_GRACE):
                await self.lifespan.shutdown()

    async def _settle(self) -> None:
        """Wait until no connection and no endpoint is left, for at most GRACE seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + GRACE
        while (self.server_state.connections or self.server_state.tasks) and loop.time() < deadline:
            await asyncio.sleep(0.002)
