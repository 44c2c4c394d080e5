"""serve(app): a uvicorn server on the event loop that is already running."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import os
import socket
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import uvicorn

from ..display.pending import says_await
from ..display.transcript import Transcript
from ..errors import CourseError
from . import logs, sockets, watchdog
from .asgi import check_app
from .connections import Connections, Tracker
from .embedded_uvicorn import EmbeddedServer
from .proxy_prefix import ProxyPrefix

if TYPE_CHECKING:
    from ..display.live import Live
    from ..display.panes import Page

HOST = "127.0.0.1"
LANES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_servers: dict[str, Server] = {}
_kept_listeners: dict[str, sockets.Listener] = {}  # by the name of a server whose startup failed
_locks: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Lock]] = weakref.WeakKeyDictionary()
_FIXED = ("host", "fd", "workers", "reload", "loop", "log_config")
_OF_A_PROCESS = (
    *("timeout_graceful_shutdown", "limit_max_requests", "limit_max_requests_jitter", "callback_notify"),
    *("timeout_notify", "backlog", "env_file", "reload_dirs", "reload_includes", "reload_excludes", "reload_delay"),
)
"""Options of uvicorn that an embedded server cannot follow: its socket exists already, and it ends with `stop()`."""


class NamedClient(Protocol):
    """The part of `course_app.client.client.Client` that a server needs."""

    name: str

    @property
    def closed(self) -> object | None:
        """The close code and reason, or None while it is open."""


class Server:
    """A running server; `serve` makes it. It has no public constructor."""

    def __init__(self, app: Any, name: str, listener: sockets.Listener) -> None:
        self.app = app
        self.name = name
        self.logs = logs.LogBuffer()
        self.transcript = Transcript()
        self._listener = listener
        self._tracker = Tracker(ProxyPrefix(app))
        self._clients: weakref.WeakSet[NamedClient] = weakref.WeakSet()
        self._uvicorn: EmbeddedServer | None = None
        self._task: asyncio.Task[None] | None = None
        self._sock: socket.socket | None = None

    @property
    def port(self) -> int | None:
        """The TCP port, or None on a Unix socket."""
        return self._listener.port

    @property
    def uds(self) -> str | None:
        """The path of the Unix socket, or None on TCP."""
        return self._listener.uds

    def limit_send_buffer(self, size: int) -> None:
        """Limit the send buffer of new TCP connections to `size` bytes (SO_SNDBUF, socket(7)).

        Linux buffers megabytes by default, which hides for a long time that a client does not read.
        """
        self._listener.limit_send_buffer(size)

    @property
    def url(self) -> str:
        """The address for a browser, without a slash at the end. Raises CourseError on a Unix socket."""
        if self.port is None:
            raise CourseError(f"server {self.name!r} listens on a Unix socket and has no URL: use connect(server, …)")
        scheme = "https" if self._uvicorn and self._uvicorn.config.is_ssl else "http"
        return f"{scheme}://{HOST}:{self.port}"

    @property
    def running(self) -> bool:
        """Whether the server accepts connections."""
        return bool(self._task and not self._task.done() and self._uvicorn and self._uvicorn.started)

    def connections(self) -> Connections:
        """Return the open WebSocket connections: a list of rows that renders as a table."""
        return Connections(self._tracker.rows.values())

    def show(self, path: str = "/", tabs: int | Sequence[str] = 1, height: int = 400) -> Page:
        """Return the app's page `path` in panes of `height` pixels, which a notebook shows. Raises CourseError.

        tabs: how many panes, or one query for each: `["?room=red", "?room=blue"]`.
        """
        from ..display import panes

        return panes.show(self, path, tabs, height)

    def live(self) -> Live:
        """Return the transcript as a diagram that grows while frames pass: put it last in a cell."""
        return self.transcript.live()

    async def stop(self) -> None:
        """Stop the server: clients get close code 1012, endpoints that hang are cancelled. Idempotent."""
        await self._end()
        self._listener.close()
        if _servers.get(self.name) is self:
            del _servers[self.name]

    def free_lane(self) -> str:
        """Return the first letter that names no open client of ours, for a lane in the transcript."""
        taken = {client.name for client in self._clients if client.closed is None}
        letters = (letter * times for times in range(1, 100) for letter in LANES)
        return next(letter for letter in letters if letter not in taken)

    def joined(self, client: NamedClient) -> None:
        """Register a client of ours, whose name is then taken until it is closed."""
        self._clients.add(client)

    async def _start(self, timeout: float, options: dict[str, Any]) -> None:
        """Start serving; return when connections are accepted. Raises CourseError."""
        defaults = {"log_config": None, "lifespan": "auto", "loop": "none", "ws": "websockets-sansio"}
        config = uvicorn.Config(self._tracker, **{**defaults, **options})
        loop = asyncio.get_running_loop()
        self._uvicorn = EmbeddedServer(config)
        # An empty context: else ipykernel sends what an endpoint prints to the cell that started the server.
        context = contextvars.Context()
        context.run(logs.current.set, self.logs)
        self._sock = self._listener.for_server()
        self._task = loop.create_task(self._uvicorn.run_embedded(self._sock), context=context)
        number = self._task.get_name().removeprefix("Task-")  # unless the loop has a task factory of its own
        self.logs.first_task = int(number) if number.isdigit() else 0
        logs.attach(self.logs)
        watchdog.enter(loop)
        serving = loop.create_task(self._uvicorn.serving.wait())
        try:
            await asyncio.wait({serving, self._task}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            serving.cancel()
        if self._task.done():
            raise CourseError(f"the app's startup (lifespan) failed: {self._why()}; fix it and run the cell again")
        if not serving.done():
            raise CourseError(
                f"the app's startup (lifespan) did not end within {timeout} s: shorten it, or raise start_timeout"
            )

    def _why(self) -> str:
        failure = self._uvicorn.failure if self._uvicorn else None
        if failure is not None and not isinstance(failure, SystemExit):
            return f"{type(failure).__name__}: {failure}"
        return self.logs.startup_error() or "the log is empty"

    async def _end(self) -> None:
        """End the task; leave the listening socket open."""
        task, embedded, self._task = self._task, self._uvicorn, None
        if task is None or embedded is None:
            return
        loop = task.get_loop()
        if loop is asyncio.get_running_loop():
            await embedded.end(task)
        elif self._sock:  # its loop is gone, or belongs to another thread
            self._sock.close()
        watchdog.leave(loop)
        logs.detach(self.logs)

    def __repr__(self) -> str:
        """Return a text without the port, which differs in each run."""
        return f"<server {self.name!r}: {'running' if self.running else 'stopped'}>"


@says_await
async def serve(
    app: Any, name: str = "main", port: int = 0, uds: str | None = None, start_timeout: float = 5.0, **options: Any
) -> Server:
    """Serve an ASGI app on the running event loop, and return when it accepts connections.

    A server that runs under the same `name`, or on the same `port`, is replaced, on the same port.
    app: the ASGI app, for example `FastAPI()`. port: TCP port on 127.0.0.1, 0 for any free one. uds: path of a
    Unix socket to listen on instead. start_timeout: seconds for the app's startup. options: uvicorn's settings by
    their names in `uvicorn.Config`, for example ws_ping_interval (seconds); `root_path` may contain "{port}".
    The environment variable COURSE_SOCKET_DIR names a folder: then the server listens on a Unix socket in it.
    Raises CourseError: no ASGI app, a busy port, a startup that fails. Source: ASGI specification; uvicorn, "Settings".
    """
    check_app(app)
    _check_options(options)
    locks = _locks.setdefault(asyncio.get_running_loop(), {})
    async with locks.setdefault(name, asyncio.Lock()):  # a second call replaces the server of the first
        listener, inherited = await _listener(name, port, uds)
        server = Server(app, name, listener)
        if "root_path" in options:
            options["root_path"] = options["root_path"].replace("{port}", str(server.port))
        try:
            await server._start(start_timeout, options)
        except BaseException:
            await server._end()
            if inherited:  # open tabs know this port: the next server under this name takes it
                _kept_listeners[name] = listener
            else:
                listener.close()
            raise
        _servers[name] = server
    return server


async def stop_all() -> None:
    """Stop every server that `serve` started, and free the port that a failed startup has kept."""
    for server in list(_servers.values()):
        await server.stop()
    while _kept_listeners:
        _kept_listeners.popitem()[1].close()


async def _listener(name: str, port: int, uds: str | None) -> tuple[sockets.Listener, bool]:
    """End the servers that are to be replaced; return the socket to listen on, and whether it was one of theirs."""
    folder = os.environ.get("COURSE_SOCKET_DIR")
    if uds is None and folder and port == 0:
        uds = str(Path(folder) / f"{name}.sock")
    replaced = [server for server in _servers.values() if server.name == name or (port and server.port == port)]
    listeners = [_kept_listeners.pop(name)] if name in _kept_listeners else []
    for old in replaced:
        await old._end()
        _servers.pop(old.name, None)
        listeners.append(old._listener)
    fitting = [listener for listener in listeners if listener.fits(port, uds)][:1]
    for listener in listeners:
        if listener not in fitting:
            listener.close()
    if fitting:
        return fitting[0].renewed(HOST), True
    return (sockets.listen_unix(uds) if uds else sockets.listen_tcp(HOST, port)), False


@functools.cache
def _known_options() -> frozenset[str]:
    import inspect

    return frozenset(inspect.signature(uvicorn.Config).parameters)


def _check_options(options: dict[str, Any]) -> None:
    """Raise CourseError for an option that uvicorn does not know, or that an embedded server cannot have."""
    for option in options:
        if option in (*_FIXED, *_OF_A_PROCESS):
            raise CourseError(f"serve() has no option {option!r}: the server lives inside this kernel; leave it out")
        if option not in _known_options():
            raise CourseError(f"uvicorn has no option {option!r}: see `help(uvicorn.Config)` for the names")
