"""Generated files of a whole course: exercises, pages and figures; and notebooks in their committed form."""

from __future__ import annotations

from pathlib import Path

from ..errors import NotebookError
from ..manifest import Course, Lesson
from ..nb import files
from ..nb.cells import Notebook
from ..nb.derive import derive
from ..nb.tidy import tidy
from . import exercise_index, glossary, roadmap
from .changes import Change, update


def build(course: Course, *, check: bool = False) -> list[Change]:
    """Derive every exercise of the course from its solution and return the files that differed.

    With `check` nothing is written. Raises NotebookError for a solution that is missing or cannot be derived;
    nothing is written then either.
    """
    wanted = {course.exercise_path(lesson): files.dumps(exercise(course, lesson)) for lesson in course.exercises}
    return [change for path, text in wanted.items() for change in update(path, text, course.root, check=check)]


def exercise(course: Course, lesson: Lesson) -> Notebook:
    """Return the exercise notebook of one lesson, derived from its solution. Raises NotebookError."""
    path = course.solution_path(lesson)
    if not path.is_file():
        raise NotebookError(f"{path} is missing, but course.toml gives {lesson.slug!r} tasks; write it or remove them")
    return derive(files.read(path), str(path))


def glossary_page(course: Course, *, check: bool = False) -> list[Change]:
    """Write docs/glossary.md from the lessons' glossaries and return the change, if there is one.

    A course without docs/, or without a glossary in its lessons, has none. With `check` nothing is written.
    Raises NotebookError for a lesson that cannot be read.
    """
    if not (course.root / "docs").is_dir():
        return []
    stems = [(path, lesson.stem) for lesson in course.lessons if (path := course.lesson_path(lesson)).is_file()]
    found = [entry for path, stem in stems for entry in glossary.entries(files.read(path), stem)]
    if not found:
        return []
    return update(course.root / "docs" / "glossary.md", glossary.page(found), course.root, check=check)


def exercises_page(course: Course, *, check: bool = False) -> list[Change]:
    """Write docs/exercises.md from the manifest, the messages and the named answers; return the change, if any.

    A course without docs/ has none. With `check` nothing is written. Raises CourseError for a diagnosis without text.
    """
    if not (course.root / "docs").is_dir():
        return []
    return update(course.root / "docs" / "exercises.md", exercise_index.page(course), course.root, check=check)


def roadmap_figure(course: Course, *, check: bool = False) -> list[Change]:
    """Write notebooks/figures/roadmap.svg from course.toml and return the change, if there is one.

    A course whose first lesson does not exist yet has none. With `check` nothing is written.
    """
    if not course.lesson_path(course.lessons[0]).is_file():
        return []
    path = course.root / "notebooks" / "figures" / "roadmap.svg"
    return update(path, roadmap.roadmap(course), course.root, check=check)


def tidy_file(path: Path, *, check: bool = False) -> list[Change]:
    """Bring a lesson or solution into its committed form; return the change, if there is one.

    With `check` nothing is written. Raises NotebookError for a file that cannot be read, and for an exercise.
    """
    if path.resolve().parent.name == "exercises":
        raise NotebookError(f"{path} is generated from solutions/; run `course build`")
    return update(path, files.dumps(tidy(files.read(path))), path.parent, check=check)


def tidy_course(course: Course, *, check: bool = False) -> list[Change]:
    """Apply `tidy_file` to every lesson and solution that exists, and return the changes."""
    paths = [*map(course.lesson_path, course.lessons), *map(course.solution_path, course.exercises)]
    return [change for path in paths if path.is_file() for change in tidy_file(path, check=check)]
