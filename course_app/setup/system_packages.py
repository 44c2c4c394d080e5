"""The servers that lessons 15 and 16 and the tests put to work: find them, or let the system's packages bring them.

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
    """`look` raises CourseError, which says how a person installs it; the packages are what we install ourselves."""

    look: Callable[[], str]
    apt: str
    brew: str

    @property
    def missing(self) -> str:
        """Say what is missing and how to install it, or nothing where it is here."""
        try:
            self.look()
        except CourseError as error:
            return str(error)
        return ""


REDIS = Program(engines.redis_program, "redis-server", "redis")
NGINX = Program(engines.nginx_program, "nginx-light", "nginx")


def ensure(wanted: Sequence[Program] = (REDIS, NGINX)) -> None:
    """Install what is missing, and say in a line what is still missing afterwards: its tests will fail, and say so."""
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
