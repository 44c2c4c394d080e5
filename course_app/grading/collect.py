"""Who handed in what: notebooks in folders, flat files, an LMS's zip files and nbgrader's `submitted/` tree.

Nothing is unpacked to disk and no link is followed; what cannot be read becomes a row with a problem.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ..errors import CourseError, NotebookError
from ..manifest import Course
from ..nb.files import MAX_BYTES, parse
from .archive import Member, members, read_member
from .submission import lesson_for

_MOODLE = re.compile(r"(?P<student>.+?)_\d+_assignsubmission_[a-z]+_?(?P<file>.*)", re.DOTALL)
_CANVAS = re.compile(r"(?P<student>[^_]+)(?:_LATE)?_\d+_\d+_(?P<file>.+)", re.DOTALL)
_FLAT = re.compile(r"(?P<student>.+?)__(?P<file>.+)", re.DOTALL)
_SKIPPED = {".ipynb_checkpoints", "__MACOSX", "__pycache__"}
_STUDENT_LENGTH = 100


@dataclass(frozen=True)
class Submission:
    """One file that one student handed in.

    `source` is what people call it; `path` the file, `inside` the members on the way into zip files.
    `lesson` is the stem of the exercise, empty where nothing says which. `received` is local time, with its offset.
    `problem` says why it cannot be graded, empty where it can. `late` and `superseded` follow from `choose`.
    """

    student: str
    source: str
    path: Path
    received: datetime
    inside: tuple[str, ...] = ()
    lesson: str = ""
    problem: str = ""
    late: bool = False
    superseded: tuple[str, ...] = ()

    def read(self) -> bytes:
        """Return the file's bytes. Raises NotebookError."""
        if self.inside:
            return read_member(self.path, self.inside, MAX_BYTES)
        size = self.path.stat().st_size
        if size > MAX_BYTES:
            raise NotebookError(f"{self.source} has {size:,} bytes, more than {MAX_BYTES:,}; clear its outputs")
        return self.path.read_bytes()


def collect(course: Course, place: Path) -> list[Submission]:
    """Return every submission in `place`, a folder or a zip file, by student. Raises CourseError for none at all."""
    if not place.exists():
        raise CourseError(f"{place} does not exist; name the folder or the zip file with the submissions")
    if place.is_file():
        found = list(_from_zip(course, place, place.name, ""))
    else:
        tree = place / "submitted"
        found = list(_from_folder(course, tree if tree.is_dir() else place))
    if not found:
        raise CourseError(f"{place} holds no submission; see docs/instructors.md for the layouts that are understood")
    return sorted(_assume(course, found), key=lambda one: (one.student, one.lesson, one.received, one.source))


def choose(found: Iterable[Submission], due: datetime | None) -> list[Submission]:
    """Return one submission for each student and exercise: the latest before `due`, or else the latest, marked late."""
    groups: dict[tuple[str, str], list[Submission]] = {}
    for one in found:
        groups.setdefault((one.student, one.lesson), []).append(one)
    return [_chosen(group, due) for group in groups.values()]


def _chosen(group: list[Submission], due: datetime | None) -> Submission:
    usable = [one for one in group if not one.problem] or group
    in_time = [one for one in usable if due is None or one.received <= due]
    best = max(in_time or usable, key=lambda one: (one.received, one.source))
    others = tuple(one.source for one in group if one is not best)
    return replace(best, late=not in_time, superseded=others)


def student_of(name: str, stems: Iterable[str]) -> tuple[str, str]:
    """Return the student that a file name speaks of, and the rest: `ada__02_echo.ipynb` gives `ada`, `02_echo.ipynb`.

    Names as Moodle and Canvas give them to downloads are understood too. Without a student, the name is both.
    """
    for pattern in (_MOODLE, _FLAT, _CANVAS):
        match = pattern.fullmatch(name)
        if match and match["student"].strip():
            return match["student"].strip(), match["file"]
    stem = name.rpartition(".")[0] or name
    for one in stems:
        if stem.endswith(f"_{one}"):
            return stem[: -len(one) - 1], f"{one}.ipynb"
    return stem, name


def _from_folder(course: Course, place: Path) -> Iterator[Submission]:
    for entry in sorted(place.iterdir()):
        if entry.name.startswith(".") or entry.name in _SKIPPED:
            continue
        if entry.is_dir() and not entry.is_symlink() and entry.suffix != ".ipynb":
            yield from _of_student(course, entry)
        elif entry.suffix == ".ipynb":
            student, rest = student_of(entry.name, _stems(course))
            yield _plain(course, student, rest, entry, entry.name)
        elif entry.suffix == ".zip":
            student, rest = student_of(entry.name, _stems(course))
            named = student if rest != entry.name else ""
            yield from _from_zip(course, entry, entry.name, named, alone=True)


def _of_student(course: Course, folder: Path) -> Iterator[Submission]:
    """Everything under a student's folder, however deep; of a clone of the course, what is in `exercises/`."""
    student = _moodle_folder(folder.name)
    found = False
    exercises = folder / "exercises"
    for path in _walk(exercises if exercises.is_dir() and not exercises.is_symlink() else folder):
        name = path.relative_to(folder.parent).as_posix()
        if path.suffix == ".ipynb":
            found = True
            yield _plain(course, student, path.name, path, name)
        elif path.suffix == ".zip" and not path.is_symlink():
            found = True
            yield from _from_zip(course, path, name, student)
    if not found:
        yield Submission(student, folder.name, folder, _moment(folder), problem=f"{folder.name} holds no notebook")


def _walk(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.name in _SKIPPED or entry.name.startswith("."):
            continue
        if entry.is_dir() and not entry.is_symlink() and entry.suffix != ".ipynb":
            yield from _walk(entry)
        else:
            yield entry


def _plain(course: Course, student: str, name: str, path: Path, source: str) -> Submission:
    mode = path.lstat().st_mode
    problem = ""
    if stat.S_ISLNK(mode):
        problem = f"{source} is a symbolic link; hand in the notebook itself"
    elif stat.S_ISDIR(mode):
        problem = f"{source} is a folder; hand in the notebook itself"
    elif not stat.S_ISREG(mode):
        problem = f"{source} is no plain file; hand in the notebook itself"
    made = Submission(_clean(student), source, path, _moment(path), lesson=_lesson(course, name), problem=problem)
    return made if problem or made.lesson else _look_inside(course, made)


def _from_zip(course: Course, path: Path, source: str, student: str, *, alone: bool = False) -> Iterator[Submission]:
    """What a zip file holds: one student's files where `student` says whose, else an LMS's download of a class.

    With `alone`, a zip file of one student's among others', whose name is the student's, is told from a download.
    """
    owner = student or path.stem
    try:
        entries = [one for one in members(path, MAX_BYTES) if _wanted(one)]
    except NotebookError as error:
        yield Submission(_clean(owner), source, path, _moment(path), problem=str(error))
        return
    if not entries:
        problem = f"{source} holds no notebook"
        yield Submission(_clean(owner), source, path, _moment(path), problem=problem)
        return
    owners = {one: _owner(course, one) for one in entries}
    single = bool(student) or (alone and len({name for name, _ in owners.values()}) == 1)
    for entry, (name, rest) in owners.items():
        shown = f"{source}!{'!'.join(entry.inside)}"
        whose = owner if single or not name else name
        made = Submission(
            _clean(whose), shown, path, entry.received, entry.inside, _lesson(course, rest), entry.problem
        )
        yield made if made.problem or made.lesson else _look_inside(course, made)


def _wanted(entry: Member) -> bool:
    return not entry.folder and not _SKIPPED & set(entry.parts) and not entry.parts[-1].startswith("._")


def _owner(course: Course, entry: Member) -> tuple[str, str]:
    if entry.problem:
        return "", entry.parts[-1]
    folders = [part for part in entry.parts[:-1] if part not in ("submitted", ".")]
    if folders:
        return _moodle_folder(folders[0]), entry.parts[-1]
    name = entry.parts[0]
    student, rest = student_of(name, _stems(course))
    return (student if rest != name else ""), rest if rest != name else entry.parts[-1]


def _moodle_folder(name: str) -> str:
    match = _MOODLE.fullmatch(name)
    return _clean(match["student"] if match else name)


def _clean(student: str) -> str:
    """Return a student's name without what a terminal, a spreadsheet or a path could take for an order."""
    printable = "".join(letter if letter.isprintable() and letter not in '/\\:*?"<>|' else "_" for letter in student)
    return printable.strip(" .")[:_STUDENT_LENGTH] or "nameless"


def _stems(course: Course) -> list[str]:
    return [lesson.stem for lesson in course.exercises]


def _lesson(course: Course, name: str) -> str:
    stem = re.sub(r"(-\d+| \(\d+\))$", "", name.rpartition(".")[0] or name)  # what Canvas and browsers add
    return next((one for one in _stems(course) if stem == one or stem.endswith(f"_{one}")), "")


def _look_inside(course: Course, one: Submission) -> Submission:
    """Find out by its cells which exercise a file is, where its name does not say."""
    try:
        return replace(
            one, lesson=lesson_for(course, Path(one.source), parse(one.read(), one.source, strict=False)).stem
        )
    except CourseError as error:
        return replace(one, problem=str(error))
    except OSError as error:
        return replace(one, problem=f"{one.source} cannot be read: {error.strerror}")


def _assume(course: Course, found: list[Submission]) -> Iterator[Submission]:
    """Where everything that names an exercise names the same, what is broken is counted as that exercise too."""
    named = {one.lesson for one in found if one.lesson}
    only = named.pop() if len(named) == 1 else ""
    for one in found:
        yield one if one.lesson else replace(one, lesson=only)


def _moment(path: Path) -> datetime:
    """Return when a file came: as nbgrader noted in `timestamp.txt`, or else when it was last changed."""
    note = path.parent / "timestamp.txt"
    try:
        if not note.is_symlink() and note.is_file():
            noted = datetime.fromisoformat(note.read_text(encoding="utf-8")[:40].strip().removesuffix("UTC").strip())
            return noted if noted.tzinfo is not None else noted.replace(tzinfo=UTC)
    except (OSError, ValueError):
        pass
    return datetime.fromtimestamp(path.lstat().st_mtime).astimezone()
