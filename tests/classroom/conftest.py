"""A class without a hub: the folder of a course, and two learners who have been given it."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_app.manifest import Course
from tests.support.hub import make_homes


@pytest.fixture
def homes(built: Course, tmp_path: Path) -> Path:
    """Return the folder with a folder for each learner; in each is the course `sums`."""
    return make_homes(built, tmp_path / "homes")
