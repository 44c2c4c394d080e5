"""A class without a hub: the folder of a course, and two learners who have been given it."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_app.classroom.hand_out import hand_out
from course_app.manifest import Course

LEARNERS = ("ada", "grace")


@pytest.fixture
def homes(built: Course, tmp_path: Path) -> Path:
    """Return the folder with a folder for each learner; in each is the course `sums`."""
    place = tmp_path / "homes"
    for name in LEARNERS:
        hand_out(built.root, place / name / "course")
    return place
