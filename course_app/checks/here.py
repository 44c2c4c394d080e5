"""A check's backend for an answer in this very process: the learner's kernel."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import Any

from ..errors import CourseError
from ..server import Server, serve
from .backend import Called, Unusable

PATIENCE = 0.8  # seconds; a correct answer on the same event loop needs milliseconds


class Here:
    """Serves the learner's app, or calls the learner's function, on the running event loop.

    `namespace` is where the learner's names are looked up.
    """

    def __init__(self, target: str, namespace: dict[str, Any], patience: float = PATIENCE) -> None:
        self.target = target
        self.namespace = namespace
        self.patience = patience
        self._server: Server | None = None
        self._hosted: list[Server] = []

    def _answer(self) -> Any:
        if self.target not in self.namespace:
            raise Unusable("missing-name")
        return self.namespace[self.target]

    async def address(self) -> Server | str:
        if self._server is None:
            app = self._answer()
            try:
                self._server = await serve(app, name=f"check {self.target}")
            except CourseError as error:
                name = "not-served" if callable(app) else "not-an-app"
                raise Unusable(name, kind=type(app).__name__, error=error) from error
        return self._server

    async def call(self, *args: Any, timeout: float) -> Called:
        function = self._answer()
        if not inspect.iscoroutinefunction(function):
            raise Unusable("not-a-function", kind=type(function).__name__)
        began = time.perf_counter()
        try:
            async with asyncio.timeout(timeout) as limit:
                value = await function(*args)
        except TimeoutError as error:
            if limit.expired():
                return Called(timed_out=True, seconds=timeout)
            return Called(error=type(error).__name__, detail=str(error), seconds=time.perf_counter() - began)
        except Exception as error:
            return Called(error=type(error).__name__, detail=str(error), seconds=time.perf_counter() - began)
        return Called(value=value, seconds=time.perf_counter() - began)

    async def stop_serving(self) -> None:
        if self._server is not None:
            await self._server.stop()

    async def logs(self) -> list[str]:
        return self._server.logs.lines() if self._server else []

    async def host(self, app: Any) -> str:
        server = await serve(app, name=f"check host {len(self._hosted)} {self.target}")
        self._hosted.append(server)
        return server.url.replace("http", "ws", 1) if not server.uds else f"unix:{server.uds}"

    async def close(self) -> None:
        for server in (self._server, *self._hosted):
            if server is not None:
                await server.stop()
