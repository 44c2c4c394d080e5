"""Pass the path prefix of a proxy to an app as ASGI's root_path, so that its links work with and without the proxy."""

from __future__ import annotations

import re

from .connections import Receive, Scope, Send

# jupyter-server-proxy removes /user/zoe/proxy/8000 from the path, and puts it into this header (since 4.2).
HEADER = b"x-forwarded-prefix"
PREFIX = re.compile(r"(/[\w.~%@+-]+)+", re.ASCII)


class ProxyPrefix:
    """An ASGI app around `app` that turns the header X-Forwarded-Prefix into root_path, request by request.

    `path` then begins with `root_path` (ASGI specification, "HTTP connection scope"). A `root_path` that was given to
    uvicorn stays. WebSocket handshakes have no such header, and pass unchanged.
    """

    def __init__(self, app: object) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with root_path where a proxy named one."""
        prefix = _prefix(scope) if scope["type"] == "http" and not scope.get("root_path") else ""
        if prefix:
            raw = prefix.encode("ascii") + scope.get("raw_path", scope["path"].encode())
            scope = {**scope, "root_path": prefix, "path": prefix + scope["path"], "raw_path": raw}
        await self.app(scope, receive, send)  # type: ignore[operator]


def _prefix(scope: Scope) -> str:
    """Return the prefix without a slash at its end, or an empty text where there is none or a malformed one."""
    named = next((value.decode("latin-1") for name, value in scope["headers"] if name == HEADER), "").rstrip("/")
    return named if PREFIX.fullmatch(named) else ""
