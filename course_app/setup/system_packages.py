"""Redis and nginx, which lessons 15 and 11 and the tests run: found, or installed from the system's packages.

PostgreSQL comes with requirements-test.lock, and a browser is `browser.py`'s.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .. import engines
from ..errors import CourseError
from . import apt


@dataclass(frozen=True)
class Program:
    """A server program. `look` returns its path or raises CourseError; `apt` and `brew` are the packages' names."""

    look: Callable[[], str]
    apt: str
    brew: str

    @property
    def missing(self) -> str:
        """The text of the error where the program is missing, or empty where it is installed."""
        try:
            self.look()
        except CourseError as error:
            return str(error)
        return ""


REDIS = Program(engines.redis_program, "redis-server", "redis")
NGINX = Program(engines.nginx_program, "nginx-light", "nginx")


def ensure(wanted: Sequence[Program] = (REDIS, NGINX)) -> None:
    """Install the programs that are missing, and print a line for each that still is: its tests will fail."""
    missing = [program for program in wanted if program.missing]
    if missing:
        _install(missing)
    for program in missing:
        if program.missing:
            print(program.missing, flush=True)


def _install(missing: Sequence[Program]) -> None:
    reason = apt.why_not()
    if reason is None:
        packages = [program.apt for program in missing]
        print(f"installing {' and '.join(packages)} with apt-get", flush=True)
        apt.install(packages)
    elif brew := shutil.which("brew"):
        packages = [program.brew for program in missing]
        print(f"installing {' and '.join(packages)} with brew", flush=True)
        subprocess.run([brew, "install", "--quiet", *packages], stdin=subprocess.DEVNULL, check=False)
    else:
        print(f"nothing can be installed here: {reason}", flush=True)
