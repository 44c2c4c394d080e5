"""The notebook files of a whole course: exercises built from solutions, and files brought into their committed form."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from ..errors import NotebookError
from ..manifest import Course, Lesson
from ..nb import files
from ..nb.cells import Notebook
from ..nb.derive import derive
from ..nb.tidy import tidy
from . import exercise_index, glossary, roadmap


@dataclass(frozen=True)
class Change:
    """A file that differs, or differed, from what it should be; `diff` is the unified diff between the two."""

    path: Path
    diff: str


def build(course: Course, *, check: bool = False) -> list[Change]:
    """Derive every exercise of the course from its solution and return the files that differed.

    With `check` nothing is written. Raises NotebookError for a solution that is missing or cannot be derived;
    nothing is written then either.
    """
    wanted = {course.exercise_path(lesson): files.dumps(exercise(course, lesson)) for lesson in course.exercises}
    return [change for path, text in wanted.items() if (change := _change(path, text, course.root, check))]


def exercise(course: Course, lesson: Lesson) -> Notebook:
    """Return the exercise notebook of one lesson, derived from its solution. Raises NotebookError."""
    path = course.solution_path(lesson)
    if not path.is_file():
        raise NotebookError(f"{path} is missing, but course.toml gives {lesson.slug!r} tasks; write it or remove them")
    return derive(files.read(path), str(path))


def glossary_page(course: Course, *, check: bool = False) -> list[Change]:
    """Write docs/glossary.md from the lessons' glossaries and return the change; a course without docs/ has none."""
    if not (course.root / "docs").is_dir():
        return []
    stems = [(path, lesson.stem) for lesson in course.lessons if (path := course.lesson_path(lesson)).is_file()]
    found = [entry for path, stem in stems for entry in glossary.entries(files.read(path), stem)]
    change = _change(course.root / "docs" / "glossary.md", glossary.page(found), course.root, check) if found else None
    return [change] if change else []


def ideas_page(course: Course, *, check: bool = False) -> list[Change]:
    """Write docs/exercises.md from the manifest, the messages and the named answers; return the change, if any."""
    if not (course.root / "docs").is_dir():
        return []
    change = _change(course.root / "docs" / "exercises.md", exercise_index.page(course), course.root, check)
    return [change] if change else []


def roadmap_figure(course: Course, *, check: bool = False) -> list[Change]:
    """Write notebooks/figures/roadmap.svg from course.toml and return the change, if there is one."""
    if not course.lesson_path(course.lessons[0]).is_file():
        return []
    path = course.root / "notebooks" / "figures" / "roadmap.svg"
    change = _change(path, roadmap.roadmap(course), course.root, check)
    return [change] if change else []


def tidy_file(path: Path, *, check: bool = False) -> Change | None:
    """Bring a lesson or solution into its committed form; return the change, or None where there was none.

    With `check` nothing is written. Raises NotebookError for a file that cannot be read, and for an exercise.
    """
    if path.resolve().parent.name == "exercises":
        raise NotebookError(f"{path} is generated from solutions/; run `course build`")
    return _change(path, files.dumps(tidy(files.read(path))), path.parent, check)


def tidy_course(course: Course, *, check: bool = False) -> list[Change]:
    """Apply `tidy_file` to every lesson and solution that exists."""
    paths = [*map(course.lesson_path, course.lessons), *map(course.solution_path, course.exercises)]
    return [change for path in paths if path.is_file() and (change := tidy_file(path, check=check))]


def _change(path: Path, text: str, root: Path, check: bool) -> Change | None:
    old = path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
    if old == text:
        return None
    if not check:
        path.parent.mkdir(exist_ok=True)
        files.write_text(path, text)
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    lines = difflib.unified_diff(old.splitlines(True), text.splitlines(True), f"{name} (now)", f"{name} (should be)")
    return Change(path, "".join(lines))
