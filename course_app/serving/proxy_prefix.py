"""Tell an app below which prefix a proxy shows it, so that the addresses it makes are right on both ways in."""

from __future__ import annotations

import re

from .connections import Receive, Scope, Send

# jupyter-server-proxy takes /user/zoe/proxy/8000 off the path, and says so in this header (since 4.2).
HEADER = b"x-forwarded-prefix"
PREFIX = re.compile(r"(/[\w.~%@+-]+)+", re.ASCII)


class ProxyPrefix:
    """An ASGI app around `app` that turns the header X-Forwarded-Prefix into root_path, request by request.

    As the ASGI specification has it ("HTTP connection scope"), `path` then begins with `root_path`. A `root_path` that
    was given to uvicorn stays. WebSocket handshakes come without the header, and unchanged.
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
    """Return the prefix without a slash at its end, or nothing where there is none that is fit for use."""
    named = next((value.decode("latin-1") for name, value in scope["headers"] if name == HEADER), "").rstrip("/")
    return named if PREFIX.fullmatch(named) else ""
