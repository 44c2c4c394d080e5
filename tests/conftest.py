"""Fixtures that more than one folder of tests uses."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from course_app import engines, manifest
from course_app.errors import CourseError
from course_app.nb.build import build

T = TypeVar("T")

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def sums(tmp_path: Path) -> manifest.Course:
    """Return a copy of the small course `sums`: one exercise with two tasks, which needs no server."""
    shutil.copytree(FIXTURES / "sums", tmp_path / "sums")
    return manifest.load(tmp_path / "sums")


@pytest.fixture
def built(sums: manifest.Course) -> manifest.Course:
    """Return the course `sums` with its exercises built."""
    build(sums)
    return sums


def _installed(start: Callable[[], Coroutine[Any, Any, T]], package: str) -> T:
    """Run `start`; where root may install Debian's package, do so before giving up."""
    try:
        return asyncio.run(start())
    except CourseError:
        if os.geteuid() or not shutil.which("apt-get"):
            raise
    # Its own service is not wanted: a policy of 101 keeps dpkg from starting it.
    policy = Path("/usr/sbin/policy-rc.d")
    if not policy.exists():
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120"]
    subprocess.run([*apt, "update"], check=True, timeout=300, stdout=subprocess.DEVNULL)
    subprocess.run([*apt, "install", package], check=True, timeout=300, stdout=subprocess.DEVNULL)
    return asyncio.run(start())


@pytest.fixture(scope="session")
def redis_engine() -> Iterator[engines.Redis]:
    """A real Redis, one for each process of the test run."""
    engine = _installed(engines.redis, "redis-server")
    yield engine
    asyncio.run(engine.stop())


@pytest.fixture(scope="session")
def postgres_engine() -> Iterator[engines.Postgres]:
    """A real PostgreSQL, one for each process of the test run."""
    engine = asyncio.run(engines.postgres())
    yield engine
    asyncio.run(engine.stop())


@pytest.fixture(scope="session")
def nginx_installed() -> None:
    """Make sure that there is an nginx."""

    async def look() -> None:
        engines.nginx_program()

    _installed(look, "nginx-light")
