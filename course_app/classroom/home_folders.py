"""Learners' folders as a stranger must treat them: no link in them is followed, by reader or writer.

Whoever collects may read what a learner may not. A link that a learner makes from their exercise to somebody else's
file, or from their folder to /etc, must therefore lead nowhere. Every step goes through an open folder and O_NOFOLLOW.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import CourseError

COURSE = "course"
NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
"""A user's name that is also the name of a folder; the hub's configuration lets no other in."""
_FOLDER = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True)
class Home:
    """One learner's folder of the course. `owner` is the user and group id of what lies around it."""

    user: str
    path: Path
    owner: tuple[int, int]


def homes(place: Path, course: str = COURSE) -> list[Home]:
    """Return the learners whose folder in `place` holds a folder `course`, by name.

    Raises CourseError where `place` is no folder, or nobody in it has the course.
    """
    if not place.is_dir():
        raise CourseError(f"{place} is no folder; name the one that holds a folder for each learner")
    found = []
    for entry in sorted(place.iterdir()):
        if NAME.fullmatch(entry.name) and _is_folder(entry) and _is_folder(entry / course):
            mine = entry.lstat()
            found.append(Home(entry.name, entry / course, (mine.st_uid, mine.st_gid)))
    if not found:
        raise CourseError(
            f"no folder in {place} holds a folder {course!r}; name the one that holds the learners' homes"
        )
    return found


def read(home: Home, file: str, most: int) -> bytes:
    """Return what is in a file of the learner's, such as `exercises/03_echo.ipynb`.

    Raises FileNotFoundError where there is none, and CourseError for a link, for somebody else's file, for anything
    that is no plain file, and for one of more than `most` bytes.
    """
    parts = file.split("/")
    with _folder(home, parts[:-1], make=False) as folder, _open(home, file, parts[-1], folder) as handle:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise CourseError(f"{home.user}: {file} is no plain file; ask for the notebook itself")
        # A hard link to a file that its maker cannot read still shows whose file it is.
        if facts.st_uid != home.owner[0]:
            raise CourseError(f"{home.user}: {file} belongs to another user; ask for a file of their own")
        with os.fdopen(os.dup(handle), "rb") as source:
            data = source.read(most + 1)
    if len(data) > most:
        raise CourseError(f"{home.user}: {file} has more than {most:,} bytes; its outputs have to be cleared")
    return data


def write(home: Home, file: str, data: bytes) -> None:
    """Put a file into the learner's folder, owned by the learner; one of the same name gives way, whole.

    Raises CourseError where a folder on the way is a link, or where it cannot be written.
    """
    parts = file.split("/")
    part = f".{parts[-1]}.{secrets.token_hex(8)}.part"
    with _folder(home, parts[:-1], make=True) as folder:
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=folder)
            with os.fdopen(handle, "wb") as target:
                target.write(data)
                _give(target.fileno(), home)
            os.replace(part, parts[-1], src_dir_fd=folder, dst_dir_fd=folder)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.unlink(part, dir_fd=folder)
            raise CourseError(f"{home.user}: {file} cannot be written: {error.strerror}") from error


@contextlib.contextmanager
def _folder(home: Home, parts: list[str], *, make: bool) -> Iterator[int]:
    """Open a folder below the learner's, step by step; with `make`, make what is missing."""
    handle = os.open(home.path.parent, os.O_RDONLY | _FOLDER)
    try:
        for name in [home.path.name, *parts]:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, 0o755, dir_fd=handle)
                    made = os.open(name, os.O_RDONLY | _FOLDER, dir_fd=handle)
                    _give(made, home)
                    os.close(made)
            try:
                inner = os.open(name, os.O_RDONLY | _FOLDER, dir_fd=handle)
            except FileNotFoundError:
                raise
            except OSError as error:
                raise CourseError(f"{home.user}: {name} is a link or no folder; nothing was done there") from error
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def _open(home: Home, file: str, name: str, folder: int) -> Iterator[int]:
    try:
        handle = os.open(name, _FILE, dir_fd=folder)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise CourseError(f"{home.user}: {file} is a link or cannot be read; ask for the notebook itself") from error
    try:
        yield handle
    finally:
        os.close(handle)


def _give(handle: int, home: Home) -> None:
    """Make the learner the owner, where the one who writes may: root."""
    if os.geteuid() == 0:
        os.fchown(handle, *home.owner)


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False
