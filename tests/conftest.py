"""Fixtures that more than one folder of tests uses."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from course_app import engines, manifest
from course_app.nb.build import build
from course_app.setup import programs

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


@pytest.fixture(scope="session")
def redis_engine() -> Iterator[engines.Redis]:
    """A real Redis, one for each process of the test run."""
    programs.ensure([programs.REDIS])
    engine = asyncio.run(engines.redis())
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
    programs.ensure([programs.NGINX])
    engines.nginx_program()
