"""Files in learners' folders, read and written without following a link.

The instructor may read files that a learner may not. So a link from an exercise to another user's file, or from a
folder to /etc, must not be followed. Every step goes through an open folder with O_NOFOLLOW (open(2), openat(2)).
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
class LearnerFolder:
    """The course's folder of the learner `user`; `owner` is the user id and group id that its parent belongs to."""

    user: str
    path: Path
    owner: tuple[int, int]


def learner_folders(place: Path, course: str = COURSE) -> list[LearnerFolder]:
    """Return the folders named `course` of the learners in `place`, such as /home, sorted by user.

    A folder that is a link is left out. Raises CourseError where `place` is no folder, or no learner has the course.
    """
    if not place.is_dir():
        raise CourseError(f"{place} is no folder; name the one that holds a folder for each learner")
    found = []
    for entry in sorted(place.iterdir()):
        if NAME.fullmatch(entry.name) and _is_folder(entry) and _is_folder(entry / course):
            mine = entry.lstat()
            found.append(LearnerFolder(entry.name, entry / course, (mine.st_uid, mine.st_gid)))
    if not found:
        raise CourseError(
            f"no folder in {place} holds a folder {course!r}; name the one that holds a folder for each learner"
        )
    return found


def read(learner: LearnerFolder, file: str, most: int) -> bytes:
    """Return the bytes of `file`, such as `exercises/03_echo.ipynb`, in the learner's folder.

    Raises FileNotFoundError where it does not exist, and CourseError for a link, another user's file, anything that
    is no regular file, and a file of more than `most` bytes.
    """
    parts = file.split("/")
    with _folder(learner, parts[:-1], make=False) as folder, _open(learner, file, parts[-1], folder) as handle:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise CourseError(f"{learner.user}: {file} is no regular file; ask for the notebook itself")
        # A hard link to a file that its maker cannot read still shows whose file it is.
        if facts.st_uid != learner.owner[0]:
            raise CourseError(f"{learner.user}: {file} belongs to another user; ask for a file of their own")
        with os.fdopen(os.dup(handle), "rb") as source:
            data = source.read(most + 1)
    if len(data) > most:
        raise CourseError(f"{learner.user}: {file} has more than {most:,} bytes; ask for a copy without outputs")
    return data


def write(learner: LearnerFolder, file: str, data: bytes) -> None:
    """Write `data` to `file` in the learner's folder, owned by the learner; a file of the same name is replaced whole.

    Raises CourseError where a folder of the path is a link, or where it cannot be written.
    """
    parts = file.split("/")
    part = f".{parts[-1]}.{secrets.token_hex(8)}.part"
    with _folder(learner, parts[:-1], make=True) as folder:
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=folder)
            with os.fdopen(handle, "wb") as target:
                target.write(data)
                _set_owner(target.fileno(), learner)
            os.replace(part, parts[-1], src_dir_fd=folder, dst_dir_fd=folder)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.unlink(part, dir_fd=folder)
            raise CourseError(f"{learner.user}: {file} cannot be written: {error.strerror}") from error


@contextlib.contextmanager
def _folder(learner: LearnerFolder, parts: list[str], *, make: bool) -> Iterator[int]:
    """Yield a descriptor of the folder `parts` below the learner's; with `make`, missing folders are created."""
    handle = os.open(learner.path.parent, os.O_RDONLY | _FOLDER)
    try:
        for name in [learner.path.name, *parts]:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, 0o755, dir_fd=handle)
                    made = os.open(name, os.O_RDONLY | _FOLDER, dir_fd=handle)
                    _set_owner(made, learner)
                    os.close(made)
            try:
                inner = os.open(name, os.O_RDONLY | _FOLDER, dir_fd=handle)
            except FileNotFoundError:
                raise
            except OSError as error:
                raise CourseError(f"{learner.user}: {name} is a link or no folder; nothing was done there") from error
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def _open(learner: LearnerFolder, file: str, name: str, folder: int) -> Iterator[int]:
    try:
        handle = os.open(name, _FILE, dir_fd=folder)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise CourseError(f"{learner.user}: {file} is a link or cannot be read; ask for the notebook itself") from error
    try:
        yield handle
    finally:
        os.close(handle)


def _set_owner(handle: int, learner: LearnerFolder) -> None:
    """Make the learner the owner, where this process is root's."""
    if os.geteuid() == 0:
        os.fchown(handle, *learner.owner)


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False
