"""Files in the folder of a kernel that may be hostile: no link is followed, nothing blocks, sizes are bounded.

Sources: open(2), O_NOFOLLOW and O_PATH; proc(5), statm and smaps_rollup.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import CourseError

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = getattr(os, "O_DIRECTORY", 0) | _NOFOLLOW


def write_new(path: Path, data: bytes) -> None:
    """Write `data` to a file that is not there yet. Raises FileExistsError for one that is, a link included."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o644), "wb") as file:
        file.write(data)


def open_socket(folder: Path, name: str) -> int:
    """Return a descriptor of the Unix socket called `name` in `folder`. Raises CourseError for anything else.

    `/proc/self/fd/<descriptor>` is that very socket, whatever the name is made to mean afterwards. Linux only.
    """
    try:
        with _opened(folder) as parent:
            fd = os.open(name, os.O_PATH | _NOFOLLOW, dir_fd=parent)
    except OSError as error:
        raise CourseError(f"the server's socket cannot be reached ({error.strerror})") from error
    if not stat.S_ISSOCK(os.fstat(fd).st_mode):
        os.close(fd)
        raise CourseError("what should be the server's socket is none")
    return fd


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    fd = os.open(folder, os.O_PATH | _FOLDER)
    try:
        yield fd
    finally:
        os.close(fd)


def memory_of(proc: int, enough: int = 0) -> int:
    """Return the bytes of memory that all processes under `proc`, a descriptor of a /proc, hold.

    Pages that they share count once.
    The first count has shared pages for each process, which is quick; where it is `enough` bytes at most, it is
    returned.
    """
    try:
        pids = [name for name in os.listdir(proc) if name.isdigit()]
    except OSError:
        return 0  # its processes have just ended
    held = sum(_read(proc, pid, "statm", _resident) or 0 for pid in pids)
    if held <= enough:
        return held
    return sum(_read(proc, pid, "smaps_rollup", _pss) or _read(proc, pid, "statm", _resident) or 0 for pid in pids)


def _read(proc: int, pid: str, file: str, pick: Callable[[bytes], int]) -> int | None:
    """Return what `pick` finds in a process's file; None where it has ended, or this user may not read that file."""
    try:
        with open(os.open(f"{pid}/{file}", os.O_RDONLY, dir_fd=proc), "rb") as opened:
            return pick(opened.read())
    except (OSError, ValueError, IndexError):
        return None


def _pss(text: bytes) -> int:
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(b"Pss:")), 0)


def _resident(text: bytes) -> int:
    return int(text.split()[1]) * (os.sysconf("SC_PAGE_SIZE") if sys.platform != "win32" else 4096)
