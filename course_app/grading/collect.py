"""Submissions in folders, flat files, an LMS's zip files and nbgrader's `submitted/` tree, by student.

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

    `source`: the file's name in reports. `path`: the file; `inside`: the names of members, where it is in a zip file.
    `lesson`: the stem of the exercise, empty where it is unknown. `received`: local time, with its offset.
    `problem`: why it cannot be graded, empty where it can. `late` and `superseded` are set by `choose`.
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
        """Return the file's bytes. Raises NotebookError for more than MAX_BYTES or a broken zip file, and OSError."""
        if self.inside:
            return read_member(self.path, self.inside, MAX_BYTES)
        size = self.path.stat().st_size
        if size > MAX_BYTES:
            raise NotebookError(f"{self.source} has {size:,} bytes, more than {MAX_BYTES:,}; clear its outputs")
        return self.path.read_bytes()


def collect(course: Course, place: Path) -> list[Submission]:
    """Return every submission in `place`, a folder or a zip file, sorted by student.

    Raises CourseError where `place` does not exist or holds none.
    """
    if not place.exists():
        raise CourseError(f"{place} does not exist; name the folder or the zip file with the submissions")
    if place.is_file():
        found = list(_from_zip(course, place, place.name, ""))
    else:
        tree = place / "submitted"
        found = list(_from_folder(course, tree if tree.is_dir() else place))
    if not found:
        raise CourseError(f"{place} holds no submission; see docs/instructors.md for the layouts that are understood")
    return sorted(_assume(found), key=lambda item: (item.student, item.lesson, item.received, item.source))


def choose(found: Iterable[Submission], due: datetime | None) -> list[Submission]:
    """Return one submission for each student and exercise: the latest before `due`, or else the latest, marked late."""
    groups: dict[tuple[str, str], list[Submission]] = {}
    for submission in found:
        groups.setdefault((submission.student, submission.lesson), []).append(submission)
    return [_chosen(group, due) for group in groups.values()]


def _chosen(group: list[Submission], due: datetime | None) -> Submission:
    usable = [submission for submission in group if not submission.problem] or group
    in_time = [submission for submission in usable if due is None or submission.received <= due]
    best = max(in_time or usable, key=lambda submission: (submission.received, submission.source))
    others = tuple(submission.source for submission in group if submission is not best)
    return replace(best, late=not in_time, superseded=others)


def student_of(name: str, stems: Iterable[str]) -> tuple[str, str]:
    """Return the student that a file name holds, and the rest: `ada__03_echo.ipynb` gives `ada`, `03_echo.ipynb`.

    `stems` are the stems of the exercises. Names of downloads from Moodle and Canvas are understood too.
    Where the name holds no student, its stem stands for the student and the whole name is the rest.
    """
    for pattern in (_MOODLE, _FLAT, _CANVAS):
        match = pattern.fullmatch(name)
        if match and match["student"].strip():
            return match["student"].strip(), match["file"]
    stem = name.rpartition(".")[0] or name
    for known in stems:
        if stem.endswith(f"_{known}"):
            return stem[: -len(known) - 1], f"{known}.ipynb"
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
    """Yield every notebook below a student's folder; of a clone of the course, those in `exercises/`."""
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
    """Yield the notebooks in a zip file: of one student where `student` is named, else an LMS's download of a class.

    With `alone`, `path` is one of many zip files; where all members belong to one student, its name is the student's.
    """
    owner = student or path.stem
    try:
        entries = [member for member in members(path, MAX_BYTES) if _wanted(member)]
    except NotebookError as error:
        yield Submission(_clean(owner), source, path, _moment(path), problem=str(error))
        return
    if not entries:
        problem = f"{source} holds no notebook"
        yield Submission(_clean(owner), source, path, _moment(path), problem=problem)
        return
    owners = {member: _owner(course, member) for member in entries}
    single = bool(student) or (alone and len({name for name, _ in owners.values()}) == 1)
    for entry, (name, rest) in owners.items():
        shown = f"{source}!{'!'.join(entry.inside)}"
        student = owner if single or not name else name
        made = Submission(
            _clean(student), shown, path, entry.received, entry.inside, _lesson(course, rest), entry.problem
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
    """Return a student's name without characters that a terminal, a spreadsheet or a path could interpret."""
    printable = "".join(letter if letter.isprintable() and letter not in '/\\:*?"<>|' else "_" for letter in student)
    return printable.strip(" .")[:_STUDENT_LENGTH] or "nameless"


def _stems(course: Course) -> list[str]:
    return [lesson.stem for lesson in course.exercises]


def _lesson(course: Course, name: str) -> str:
    stem = re.sub(r"(-\d+| \(\d+\))$", "", name.rpartition(".")[0] or name)  # what Canvas and browsers add
    return next((known for known in _stems(course) if stem == known or stem.endswith(f"_{known}")), "")


def _look_inside(course: Course, submission: Submission) -> Submission:
    """Return the submission with the exercise that its cells belong to, or with a problem."""
    try:
        notebook = parse(submission.read(), submission.source, strict=False)
        return replace(submission, lesson=lesson_for(course, Path(submission.source), notebook).stem)
    except CourseError as error:
        return replace(submission, problem=str(error))
    except OSError as error:
        return replace(submission, problem=f"{submission.source} cannot be read: {error.strerror}")


def _assume(found: list[Submission]) -> Iterator[Submission]:
    """Where all known exercises are the same one, assign it to the submissions whose exercise is unknown."""
    named = {submission.lesson for submission in found if submission.lesson}
    only = named.pop() if len(named) == 1 else ""
    for submission in found:
        yield submission if submission.lesson else replace(submission, lesson=only)


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
