"""connect(...): a WebSocket client that bounds every wait and records what crossed the wire."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Generator, Mapping, Sequence
from contextvars import ContextVar
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as websocket_connect
from websockets.exceptions import ConcurrencyError, ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from ..display.events import STATE
from ..display.transcript import Transcript
from ..errors import CourseError
from .recorder import LoggedConnection, Recorder, describe_close

if TYPE_CHECKING:
    from ..serving.server import Server

T = TypeVar("T")

DEFAULT_TIMEOUT: ContextVar[float] = ContextVar("DEFAULT_TIMEOUT", default=2.0)
"""Seconds for each wait of a client that was told nothing else; a check that runs a learner's test lowers it."""


class WaitTimeout(CourseError, TimeoutError):
    """A client waited for `timeout` seconds, and what it waited for did not come."""


class Refused(CourseError):
    """The server refused the opening handshake: it answered with another status than 101 (RFC 6455, section 4.2.2).

    status: the HTTP status code. headers: a dict with lower-case names. body: bytes.
    """

    def __init__(self, path: str, status: int, headers: dict[str, str], body: bytes, hint: str = "") -> None:
        self.status, self.headers, self.body = status, headers, body
        answer = f" and said {body[:200].decode(errors='replace')!r}" if body else ""
        super().__init__(f"the server refused the handshake on {path} with HTTP status {status}{answer}{hint}")


class Close(NamedTuple):
    """The end of a connection: the close code and the reason (RFC 6455, section 7.1.5 and 7.1.6)."""

    code: int
    reason: str


class Closed(CourseError):
    """The connection is closed, so nothing can be sent or received on it."""

    def __init__(self, path: str, code: int, reason: str, hint: str = "") -> None:
        self.code, self.reason = code, reason
        super().__init__(f"the connection on {path} is closed: {describe_close(code, reason)}{hint}")


class Client:
    """An open WebSocket connection. Every wait ends after `timeout` seconds with WaitTimeout."""

    def __init__(self, raw: ClientConnection, name: str, path: str, timeout: float, recorder: Recorder) -> None:
        self.raw = raw
        self.name = name
        self.path = path
        self.timeout = float(timeout)
        self._recorder = recorder

    @property
    def transcript(self) -> Transcript:
        """The frames that this client sent and received."""
        return self._recorder.own

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the server chose, or None (RFC 6455, section 1.9)."""
        return self.raw.subprotocol

    @property
    def response_headers(self) -> dict[str, str]:
        """The headers of the handshake's response, names in lower case."""
        return (
            {name.lower(): value for name, value in self.raw.response.headers.raw_items()} if self.raw.response else {}
        )

    @property
    def closed(self) -> Close | None:
        """The close code and reason, or None while it is open."""
        code = self.raw.close_code
        return None if code is None else Close(int(code), self.raw.close_reason or "")

    async def send(self, message: str | bytes) -> None:
        """Send one message: str as a text frame, bytes as a binary frame. Raises Closed, WaitTimeout."""
        if not isinstance(message, str | bytes | bytearray | memoryview):
            raise CourseError(
                f"send() takes str or bytes, not {type(message).__name__}: use send_json() for other values"
            )
        await self._bounded(self.raw.send(message), f"the server to take a message on {self.path}")

    async def send_json(self, value: Any) -> None:
        """Send `value` as JSON in one text frame. Raises Closed, WaitTimeout."""
        await self.send(json.dumps(value, separators=(",", ":"), ensure_ascii=False))

    async def recv(self) -> str | bytes:
        """Return the next message: str from text, bytes from binary. Raises Closed, WaitTimeout."""
        return await self._bounded(self.raw.recv(), f"a message on {self.path}")

    async def recv_json(self) -> Any:
        """Return the next message, decoded from JSON. Raises Closed, WaitTimeout, CourseError."""
        message = await self.recv()
        try:
            return json.loads(message)
        except ValueError:
            raise CourseError(f"the message on {self.path} is not JSON: {message[:80]!r}; use recv()") from None

    async def ping(self) -> float:
        """Send a ping and wait for its pong; return the round trip in seconds (RFC 6455, section 5.5.2)."""
        pong = await self._bounded(self.raw.ping(), f"the server to take a ping on {self.path}")
        return await self._bounded(pong, f"a pong on {self.path}")

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close with `code` and `reason`, and wait for the server's close frame. Raises WaitTimeout, CourseError.

        Codes: 1000-1003, 1007-1014 and 3000-4999 may be sent; a reason has at most 123 bytes (RFC 6455, 5.5 and 7.4).
        """
        try:
            await self._bounded(self.raw.close(code, reason), f"the end of the closing handshake on {self.path}")
        except CourseError:
            raise
        except Exception as error:  # websockets explains what is wrong with the code or the reason
            raise CourseError(f"cannot close with code {code}: {error}; use 1000, or 4000 to 4999") from None

    async def wait_closed(self) -> Close:
        """Wait until the connection has ended, and return Close(code, reason). Raises WaitTimeout."""
        await self._bounded(self.raw.wait_closed(), f"the connection on {self.path} to close")
        return self.closed or Close(1006, "")

    async def abort(self) -> None:
        """Cut the connection without a close frame (TCP reset), as a crash or a lost network does. Idempotent."""
        if self.closed is not None:
            return
        self._recorder.add(STATE, "ABORTED")
        sock = self.raw.transport.get_extra_info("socket")
        if sock.family != getattr(socket, "AF_UNIX", None):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.raw.transport.abort()
        await self.wait_closed()

    def stop_reading(self) -> None:
        """Stop taking bytes from the network, as a stuck client does; resume_reading() undoes it."""
        self.raw.transport.pause_reading()

    def resume_reading(self) -> None:
        """Take bytes from the network again."""
        self.raw.transport.resume_reading()

    async def _bounded(self, awaitable: Awaitable[T], what: str) -> T:
        """Await for at most `timeout` seconds; `what` completes the sentence "waited … for"."""
        try:
            async with asyncio.timeout(self.timeout):
                return await awaitable
        except TimeoutError:
            self._recorder.add(STATE, f"WAITED {self.timeout} s")
            raise WaitTimeout(
                f"waited {self.timeout} s for {what} in vain: the transcript shows what happened before"
            ) from None
        except ConcurrencyError:
            raise CourseError(
                f"two recv() of one client wait at once on {self.path}: await the first one before the second"
            ) from None
        except ConnectionClosed:
            end = self.closed or Close(1006, "")
            raise Closed(self.path, end.code, end.reason, self._recorder.hint(end.code)) from None

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        """Iterate over messages until the connection ends with 1000, 1001 or no code; else raise Closed."""
        return self._messages()

    async def _messages(self) -> AsyncIterator[str | bytes]:
        while True:
            try:
                yield await self.recv()
            except Closed as closed:
                if closed.code in (1000, 1001, 1005):
                    return
                raise

    async def __aenter__(self) -> Client:
        """Return the client itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connection; a server that does not answer the close frame does not hold us up or hide an error."""
        try:
            await self.close()
        except WaitTimeout:
            self.raw.transport.abort()

    def __repr__(self) -> str:
        """Return a text without an address."""
        state = f"closed {self.closed.code}" if self.closed else "open"
        return f"<client {self.name} on {self.path}: {state}>"


class connect:
    """Open a WebSocket connection: `ws = await connect(server, "/ws")` or `async with connect(server, "/ws") as ws`.

    target: a Server, or an address ("ws://host:port", "wss://…", "unix:/path/to.sock"). path: begins with a slash.
    name: the lane in the transcript; without it the first free letter. timeout: seconds, for each single wait, 2 unless
    given.
    headers, cookies, query: mappings of str to str. subprotocols: names in order of preference. origin: Origin header.
    keepalive: seconds between this client's own pings, None for none (pings would make transcripts depend on time).
    Other options go to websockets.asyncio.client.connect (max_size in bytes, max_queue in frames, compression, ssl …).
    Raises Refused, WaitTimeout, CourseError.
    """

    def __init__(
        self,
        target: Server | str,
        path: str = "/",
        *,
        name: str | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        subprotocols: Sequence[str] = (),
        origin: str | None = None,
        keepalive: float | None = None,
        **options: Any,
    ) -> None:
        if not path.startswith("/"):
            raise CourseError(f"the path {path!r} must begin with a slash: use {'/' + path!r}")
        self._server = None if isinstance(target, str) else target
        self.timeout = float(DEFAULT_TIMEOUT.get() if timeout is None else timeout)
        self.path = f"{path}{'&' if '?' in path else '?'}{urlencode(query, doseq=True)}" if query else path
        base, where = _address(target)
        self.name = name or (self._server.free_lane() if self._server else "client")
        self.recorder = Recorder(self.name, self._server)
        self.options = {
            "additional_headers": _headers(headers, cookies),
            "subprotocols": list(subprotocols) or None,
            "origin": origin,
            "user_agent_header": f"course-client/{quote(self.name)}",
            "ping_interval": keepalive,
            "ping_timeout": keepalive,
            "compression": None,
            "close_timeout": self.timeout,
            "open_timeout": None,
            "proxy": None,
            "logger": self.recorder.logger,
            "create_connection": LoggedConnection,
            **where,
            **options,
        }
        self.address = base + quote(self.path, safe="/?&=%:@!$'()*+,;~-._")
        self._client: Client | None = None

    async def _open(self) -> Client:
        try:
            async with asyncio.timeout(self.timeout):
                raw = await websocket_connect(self.address, **self.options)
        except TimeoutError:
            self.recorder.add(STATE, f"WAITED {self.timeout} s")
            raise WaitTimeout(
                f"waited {self.timeout} s for the handshake on {self.path}: "
                "does the endpoint call `await websocket.accept()`?"
            ) from None
        except InvalidStatus as error:
            raise self._refused(error) from None
        except InvalidURI as error:
            raise CourseError(f"connect() cannot use this address: {error}") from None
        except (InvalidHandshake, EOFError) as error:
            self.recorder.add(STATE, "HANDSHAKE FAILED")
            raise CourseError(f"the handshake on {self.path} failed: {error}") from None
        except ssl.SSLError as error:
            self.recorder.add(STATE, "TLS FAILED")
            reason = getattr(error, "verify_message", "") or error.reason or str(error)
            raise CourseError(
                f"the TLS handshake with {self.address} failed ({reason}): use ws:// for a server without TLS, "
                "or pass ssl= with a context that trusts its certificate"
            ) from None
        except OSError as error:
            what = self._server.name if self._server else self.address
            raise CourseError(f"nobody listens at {what}: start the server first ({type(error).__name__})") from None
        client = Client(raw, self.name, self.path, self.timeout, self.recorder)
        if self._server:
            self._server.joined(client)
        return client

    def _refused(self, error: InvalidStatus) -> Refused:
        response = error.response
        self.recorder.add(STATE, f"REFUSED {response.status_code}")
        headers = {name.lower(): value for name, value in response.headers.raw_items()}
        hint = self.recorder.hint(response.status_code)
        return Refused(self.path, response.status_code, headers, bytes(response.body or b""), hint)

    def __await__(self) -> Generator[Any, None, Client]:
        """Open the connection and return its Client."""
        return self._open().__await__()

    async def __aenter__(self) -> Client:
        """Open the connection."""
        self._client = await self._open()
        return self._client

    async def __aexit__(self, *error: object) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.__aexit__(*error)


def _address(target: Server | str) -> tuple[str, dict[str, Any]]:
    """Return the address up to the path, and the options that lead websockets there."""
    if not isinstance(target, str):
        if not hasattr(target, "free_lane"):
            raise CourseError(
                f"connect() needs a server or an address, not {type(target).__name__}: server = await serve(app)"
            )
        if not target.running:
            raise CourseError(f"server {target.name!r} is stopped: run `server = await serve(app)` again")
        if target.uds:
            return "ws://localhost", {"unix": True, "path": target.uds}
        return target.url.replace("http", "ws", 1), {}
    if target.startswith("unix:"):
        return "ws://localhost", {"unix": True, "path": target.removeprefix("unix:")}
    parts = urlsplit(target)
    if parts.scheme not in ("ws", "wss") or not parts.netloc:
        raise CourseError(f"connect() speaks ws://, wss:// and unix:, not {target!r}: write 'ws://host:port'")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}", {}


def _headers(headers: Mapping[str, str] | None, cookies: Mapping[str, str] | None) -> dict[str, str]:
    """Return the handshake's extra headers, the Cookie header (RFC 6265, section 4.2) among them."""
    result = dict(headers or {})
    if cookies:
        jar: SimpleCookie = SimpleCookie(dict(cookies))
        result["Cookie"] = "; ".join(f"{name}={morsel.coded_value}" for name, morsel in jar.items())
    return result
