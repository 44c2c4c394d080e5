"""Zip files, read in memory and within bounds: a zip may hold notebooks, and zips that hold notebooks.

Source: APPNOTE.TXT of the zip format; `zipfile` in Python's documentation, "Decompression pitfalls".
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from ..errors import NotebookError

MAX_MEMBERS = 10_000
MAX_TOTAL = 4_000_000_000
"""Bytes that all members may claim to have unpacked."""
_DEPTH = 2


@dataclass(frozen=True)
class Member:
    """A notebook in a zip file.

    `inside`: member names that lead to it, one per nested zip file, outermost first. `parts`: its path, for finding the
    student. `problem`: why it cannot be taken, empty where it can. `folder`: whether it is a folder.
    """

    inside: tuple[str, ...]
    parts: tuple[str, ...]
    received: datetime
    problem: str = ""
    folder: bool = False


def members(path: Path, most: int) -> list[Member]:
    """Return the notebooks in the zip file `path`; one of more than `most` bytes has a problem.

    Raises NotebookError for a file that is no zip file, or one with too many or too large members.
    """
    with _opened(path, path.name) as archive:
        return list(_members(archive, path.name, (), most))


def read_member(path: Path, inside: tuple[str, ...], most: int) -> bytes:
    """Return the bytes of the member that `inside` leads to, `most` at most. Raises NotebookError."""
    with _opened(path, path.name) as archive:
        data = _read(archive, inside[0], most)
    for name in inside[1:]:
        with _opened(io.BytesIO(data), name) as archive:
            data = _read(archive, name, most)
    return data


def _members(archive: zipfile.ZipFile, name: str, path: tuple[str, ...], most: int) -> Iterator[Member]:
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise NotebookError(f"{name} holds {len(infos):,} files, more than {MAX_MEMBERS:,}; hand in the notebook alone")
    total = sum(info.file_size for info in infos)
    if total > MAX_TOTAL:
        raise NotebookError(f"{name} would unpack to {total:,} bytes, more than {MAX_TOTAL:,}; hand in the notebook")
    for info in infos:
        suffix = PurePosixPath(info.filename).suffix
        if suffix == ".zip" and len(path) + 1 < _DEPTH and not _problem(info, most):
            yield from _nested(archive, info, (*path, info.filename), most)
        elif suffix == ".ipynb" or (suffix == ".zip" and not info.is_dir()):
            yield _member(info, path, _problem(info, most) or _not_a_notebook(info))


def _nested(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: tuple[str, ...], most: int) -> Iterator[Member]:
    try:
        with _opened(io.BytesIO(_read(archive, info.filename, most)), info.filename) as inner:
            folders = (*PurePosixPath(info.filename).parts[:-1], *_owner(info))
            for member in _members(inner, info.filename, path, most):
                yield replace(member, parts=(*folders, member.parts[-1]))
    except NotebookError as error:
        yield _member(info, path[:-1], str(error))


def _owner(info: zipfile.ZipInfo) -> tuple[str, ...]:
    """Return the student that a zip file outside of any folder is named after, as a path of one part or none."""
    path = PurePosixPath(info.filename)
    return () if len(path.parts) > 1 else (path.stem.split("_")[0],)


def _member(info: zipfile.ZipInfo, path: tuple[str, ...], problem: str) -> Member:
    parts = tuple(part for part in PurePosixPath(info.filename.replace("\\", "/")).parts if part not in ("/", ".."))
    try:
        received = datetime(*info.date_time).astimezone()
    except (ValueError, OverflowError):
        received = datetime(1980, 1, 1).astimezone()
    return Member((*path, info.filename), parts or ("nameless",), received, problem, info.is_dir() and not problem)


def _problem(info: zipfile.ZipInfo, most: int) -> str:
    name = info.filename.replace("\\", "/")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        return f"{info.filename!r} points out of its zip file; hand in the notebook alone"
    if stat.S_ISLNK(info.external_attr >> 16):
        return f"{info.filename!r} is a symbolic link; hand in the notebook itself"
    if info.flag_bits & 1:
        return f"{info.filename!r} is encrypted; hand it in without a password"
    if info.file_size > most:
        return f"{info.filename!r} has {info.file_size:,} bytes, more than {most:,}; clear its outputs"
    return ""


def _not_a_notebook(info: zipfile.ZipInfo) -> str:
    if info.filename.endswith(".zip"):
        return f"{info.filename!r} is a zip file too deep inside others; hand in the notebook itself"
    return f"{info.filename!r} is a folder; hand in the notebook itself" if info.is_dir() else ""


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    try:
        with archive.open(name) as file:
            data = file.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError, KeyError) as error:
        raise NotebookError(f"{name!r} cannot be unpacked: {error}; hand it in again") from error
    if len(data) > most:
        raise NotebookError(f"{name!r} has more than {most:,} bytes; clear its outputs")
    return data


@contextmanager
def _opened(file: Path | io.BytesIO, name: str) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise NotebookError(f"{name} is no zip file that can be read: {error}; hand it in again") from error
    with archive:
        yield archive
