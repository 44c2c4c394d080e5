"""One bounded HTTP request to the learner's server, over TCP in a kernel and over a Unix socket in the grader."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from .received import Received

if TYPE_CHECKING:
    from ..serving.server import Server


class ResponseLost(Exception):
    """The connection broke before the response was complete; the text says how."""


async def request(server: Server | str, method: str, path: str, timeout: float, options: dict[str, Any]) -> Received:
    """Return the response, or a Received of `nothing` where none came within `timeout` seconds.

    `server` is what `connect` takes; `options` are those of `httpx.AsyncClient.request`, without `timeout`, and
    `cookies`.
    A connection that breaks before the response is complete counts as status 500, which is what a server owes then.
    """
    try:
        return await complete_response(server, method, path, timeout, options)
    except ResponseLost:
        return Received(status=500)


async def complete_response(
    server: Server | str, method: str, path: str, timeout: float, options: dict[str, Any]
) -> Received:
    """Return the response as `request` does. Raises ResponseLost where the connection breaks before it is complete."""
    import httpx

    base, socket_path = _base_url(server)
    options = dict(options)
    cookies = options.pop("cookies", None)
    # Plain HTTP: reading certificates would cost 30 ms.
    transport = httpx.AsyncHTTPTransport(uds=socket_path, verify=False)
    async with httpx.AsyncClient(base_url=base, transport=transport, cookies=cookies, trust_env=False) as client:
        try:
            async with asyncio.timeout(timeout):
                response = await client.request(method, path, timeout=None, **options)
        except TimeoutError:
            return Received(nothing=True)
        except httpx.TransportError as error:
            raise ResponseLost(str(error)) from error
    content_type = response.headers.get("content-type", "")
    return Received(status=response.status_code, body=response.content, content_type=content_type)


def _base_url(server: Server | str) -> tuple[str, str | None]:
    """Return the base URL for httpx, and the path of the Unix socket where there is one."""
    if not isinstance(server, str):
        return ("http://localhost", server.uds) if server.uds else (server.url, None)
    if server.startswith("unix:"):
        return "http://localhost", server.removeprefix("unix:")
    return server.replace("ws", "http", 1), None
