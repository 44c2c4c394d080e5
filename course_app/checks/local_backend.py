"""A check's backend for an answer in this very process: the learner's kernel."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import sys
import time
from typing import Any

from ..client.client import DEFAULT_TIMEOUT
from ..errors import CourseError
from ..serving.server import Server, serve
from .backend import AnswerUnusable, Called

PATIENCE = 0.8  # seconds; a correct answer on the same event loop needs milliseconds
SEND_BUFFER = 65_536  # bytes; so that a client which does not read is felt after one message of 0.8 MB


class LocalBackend:
    """Serves the learner's app, or calls the learner's function, on the running event loop (see `Backend`).

    `target` is the name of the answer, looked up in `namespace` when a check first needs it.
    `patience` is the seconds that one wait of a check may last.
    """

    def __init__(self, target: str, namespace: dict[str, Any], patience: float = PATIENCE) -> None:
        self.target = target
        self.namespace = namespace
        self.patience = patience
        self._server: Server | None = None
        self._made: list[Server] = []
        self._hosted: list[Server] = []
        self._numbers = itertools.count()  # for names: two servers may start at once

    def _answer(self) -> Any:
        if self.target not in self.namespace:
            raise AnswerUnusable("missing-name")
        answer = self.namespace[self.target]
        if module := _course_module_of(answer):
            raise AnswerUnusable("not-your-own", module=module)
        return answer

    async def address(self) -> Server | str:
        """Return the server of the learner's app, started at the first call, and anew after `stop_serving`.

        Raises AnswerUnusable with `missing-name`, `not-an-app` or `not-served`.
        """
        if self._server is None:
            self._server = await _serve(self._answer(), f"check {self.target}", "not-an-app")
            self._server.limit_send_buffer(SEND_BUFFER)
        return self._server

    async def make(self, *args: Any) -> Server | str:
        """Call the learner's function with `args`, and return a new server of the app that it returns.

        Raises AnswerUnusable with `missing-name`, `not-a-factory`, `raised`, `made-no-app` or `not-served`.
        """
        factory = self._answer()
        if not inspect.isfunction(factory) or inspect.iscoroutinefunction(factory):
            raise AnswerUnusable("not-a-factory", kind=type(factory).__name__)
        try:
            app = factory(*args)
        except Exception as error:
            raise AnswerUnusable("raised", error=f"{type(error).__name__}: {error}") from error
        server = await _serve(app, f"check {self.target} {next(self._numbers)}", "made-no-app")
        self._made.append(server)
        return server

    async def call(self, *args: Any, timeout: float, wait: float | None = None) -> Called:
        """Await the learner's coroutine function for at most `timeout` seconds.

        `wait`, unless None, is the seconds that each wait of `course_app.connect` may last by default in it.
        Raises AnswerUnusable with `missing-name` or `not-a-function`, and no exception of the learner's, except
        KeyboardInterrupt, SystemExit, and the cancellation of the check.
        """
        function = self._answer()
        if not inspect.iscoroutinefunction(function):
            raise AnswerUnusable("not-a-function", kind=type(function).__name__)
        began = time.perf_counter()
        default = DEFAULT_TIMEOUT.set(DEFAULT_TIMEOUT.get() if wait is None else wait)
        try:
            async with asyncio.timeout(timeout) as limit:
                value = await function(*args)
        except TimeoutError as error:
            if limit.expired():
                return Called(timed_out=True, seconds=timeout)
            return Called(error=type(error).__name__, detail=str(error), seconds=time.perf_counter() - began)
        except BaseException as error:
            if not (isinstance(error, Exception) or _is_outcome(error)):
                raise
            return Called(error=type(error).__name__, detail=str(error), seconds=time.perf_counter() - began)
        finally:
            DEFAULT_TIMEOUT.reset(default)
        return Called(value=value, seconds=time.perf_counter() - began)

    async def stop_serving(self) -> None:
        """Shut down the servers of the answer, as SIGTERM does."""
        for server in self._servers:
            await server.stop()
        if self._server is not None:
            self._made.append(self._server)  # its log still counts
            self._server = None

    async def running(self) -> int:
        """Return how many WebSocket connections the answer's servers serve."""
        return sum(len(server.connections()) for server in self._servers)

    async def logs(self) -> list[str]:
        """Return the log lines of the answer's servers."""
        return [line for server in self._servers for line in server.logs.lines()]

    async def host(self, app: Any) -> str:
        """Serve an app of the check's own; return `ws://…`, or `unix:/path` where servers listen on Unix sockets."""
        server = await serve(app, name=f"check host {next(self._numbers)} {self.target}")
        self._hosted.append(server)
        return server.url.replace("http", "ws", 1) if not server.uds else f"unix:{server.uds}"

    async def close(self) -> None:
        """Stop every server that this backend started."""
        for server in (*self._servers, *self._hosted):
            await server.stop()

    @property
    def _servers(self) -> list[Server]:
        return [*([self._server] if self._server else []), *self._made]


async def _serve(app: Any, name: str, diagnosis: str) -> Server:
    """Serve an app of the learner's. Raises AnswerUnusable: `diagnosis` where it is no app at all."""
    try:
        return await serve(app, name=name)
    except CourseError as error:
        raise AnswerUnusable(
            "not-served" if callable(app) else diagnosis, kind=type(app).__name__, error=error
        ) from error


def _is_outcome(error: BaseException) -> bool:
    """Tell whether pytest said so: what `pytest.raises` raises when nothing was raised is no Exception."""
    return any(kind.__module__ == "_pytest.outcomes" for kind in type(error).__mro__)


def _course_module_of(answer: Any) -> str:
    """Return the reference app's module that `answer` was imported from, or an empty text for one's own answer."""
    for name, module in list(sys.modules.items()):
        if name.startswith("course_app.apps.") and any(value is answer for value in vars(module).values()):
            return name
    return ""
