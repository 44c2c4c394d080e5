"""The workers of an app: uvicorn processes, each on a port of its own, or all on one port (`uvicorn --workers`)."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from .child_process import Engine

ADDRESS = re.compile(r"Uvicorn running on https?://127\.0\.0\.1:(\d+)")
STARTED = "Application startup complete."


class Worker(Engine):
    """One uvicorn process, or one with `count` workers that share its port."""

    name = "worker"

    def __init__(self, app: str, options: list[str], env: Mapping[str, str], app_dir: str, count: int) -> None:
        """Take the app and the options of uvicorn's command line; `env` is added to the environment."""
        super().__init__()
        self.app = app
        self.port = 0
        self._options = [*options, "--app-dir", app_dir, *(["--workers", str(count)] if count > 1 else [])]
        self._env = {**os.environ, "PYTHONUNBUFFERED": "1", **env}
        self._count = count

    @property
    def url(self) -> str:
        """The address for HTTP: `http://127.0.0.1:<port>`, or `https` with a certificate."""
        return f"http{'s' if '--ssl-certfile' in self._options else ''}://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        """The address for WebSockets: `ws://127.0.0.1:<port>`, or `wss` with a certificate."""
        return self.url.replace("http", "ws", 1)

    async def start(self) -> Self:
        """Start uvicorn, the second time on the same port, and return when each worker is up. Raises `CourseError`."""
        begin = self.log.stat().st_size if self.log.exists() else 0
        address = ["--host", "127.0.0.1", "--port", str(self.port)]
        command = [sys.executable, "-m", "uvicorn", self.app, *address, *self._options]

        def ready() -> bool:
            text = self.log.read_bytes()[begin:].decode(errors="replace")
            found = ADDRESS.search(text)
            self.port = int(found[1]) if found else self.port
            return bool(found) and text.count(STARTED) >= self._count

        await self.launch(command, ready, env=self._env)
        return self

    @property
    def log_lines(self) -> list[str]:
        """The lines that it has logged so far."""
        return self.log.read_text(errors="replace").splitlines()


class Workers(list[Worker]):
    """Several workers; leaving its `async with` block stops them."""

    async def stop(self) -> None:
        """Stop them all."""
        await asyncio.gather(*(worker.stop() for worker in self))

    async def __aenter__(self) -> Self:
        """Return the workers, which run already."""
        return self

    async def __aexit__(self, *error: object) -> None:
        """Stop them all."""
        await self.stop()


async def workers(
    app: str,
    count: int = 2,
    *,
    env: Mapping[str, str] | None = None,
    options: list[str] | None = None,
    app_dir: str | Path | None = None,
    shared: bool = False,
) -> Workers:
    """Start `count` processes of `app` (`"package.module:app"`), each with its own port and its own memory.

    With `shared`, start `uvicorn --workers <count>`: the workers share one port, and any of them accepts a connection.
    `env` is added to the environment, `options` to uvicorn's command line; `app_dir` is where `app` is imported from.
    Raises `CourseError` with the last line of the log when one does not start.
    """
    started = Workers()
    try:
        for _ in range(1 if shared else count):
            started.append(Worker(app, options or [], env or {}, str(app_dir or Path.cwd()), count if shared else 1))
        await asyncio.gather(*(worker.start() for worker in started))
    except BaseException:
        await started.stop()
        raise
    return started
