"""Exercises stay in step with their solutions, and files in their committed form."""

from __future__ import annotations

import pytest

from course_app.authoring.build import build, tidy_course, tidy_file
from course_app.errors import NotebookError
from course_app.manifest import Course
from course_app.nb import files


def test_what_is_in_step_is_left_alone(sums: Course) -> None:
    path = sums.exercise_path(sums.lesson("sums"))
    before = path.stat().st_mtime_ns
    assert build(sums) == []
    assert path.stat().st_mtime_ns == before


def test_check_writes_nothing_and_shows_what_differs(sums: Course) -> None:
    path = sums.exercise_path(sums.lesson("sums"))
    drifted = path.read_text(encoding="utf-8").replace("twice the number", "half the number")
    path.write_text(drifted, encoding="utf-8")
    (change,) = build(sums, check=True)
    assert change.path == path
    assert '-    "Write a function that returns half the number' in change.diff
    assert '+    "Write a function that returns twice the number' in change.diff
    assert "--- exercises/01_sums.ipynb (now)" in change.diff
    assert path.read_text(encoding="utf-8") == drifted
    assert len(build(sums)) == 1
    assert build(sums, check=True) == []


def test_missing_exercise_is_made(sums: Course) -> None:
    path = sums.exercise_path(sums.lesson("sums"))
    before = path.read_bytes()
    path.unlink()
    path.parent.rmdir()
    assert [change.path for change in build(sums)] == [path]
    assert path.read_bytes() == before


def test_missing_solution_gets_one_line(sums: Course) -> None:
    sums.solution_path(sums.lesson("sums")).unlink()
    with pytest.raises(NotebookError, match="01_sums.ipynb is missing, but course.toml gives 'sums' tasks"):
        build(sums)


def test_wrong_marker_names_the_solution(sums: Course) -> None:
    path = sums.solution_path(sums.lesson("sums"))
    path.write_text(path.read_text(encoding="utf-8").replace("### END", "### THE END"), encoding="utf-8")
    with pytest.raises(
        NotebookError, match=r"solutions/01_sums.ipynb: cell sums-1-stub: '### THE END SOLUTION' is no marker"
    ):
        build(sums)


def test_tidy_removes_what_an_editor_left(sums: Course) -> None:
    path = sums.solution_path(sums.lesson("sums"))
    before = path.read_bytes()
    assert tidy_course(sums) == []
    nb = files.read(path)
    nb["cells"][1].update(execution_count=9, metadata={"collapsed": True})
    files.write(path, nb)
    (change,) = tidy_course(sums, check=True)
    assert '-   "execution_count": 9,' in change.diff
    assert path.read_bytes() != before
    assert tidy_file(path)
    assert path.read_bytes() == before
    assert tidy_file(path, check=True) == []


def test_exercises_are_built_and_not_tidied(sums: Course) -> None:
    with pytest.raises(NotebookError, match="is generated from solutions/; run `course build`"):
        tidy_file(sums.exercise_path(sums.lesson("sums")))
