"""Fixtures that more than one folder of tests uses."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from course_app import manifest
from course_app.nb.build import build

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
