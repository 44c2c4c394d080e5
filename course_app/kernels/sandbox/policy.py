"""The policy of the sandbox: what a process in it is shown, and how much it may use.

Shown, read-only: Python, its packages, `course_app`, and what programs need of the system.
Not shown: the course's solutions, tests and journal, any submission, any result, anybody's home, other processes.
`namespaces.py` does what is decided here, `availability.py` tells whether a machine can.
"""

from __future__ import annotations

import functools
import os
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..conventions import GRADER_SOCKETS, WORK

if TYPE_CHECKING:
    from .namespaces import SandboxRequest  # Linux only

MEGABYTE = 1024 * 1024

_PACKAGE = Path(__file__).resolve().parents[2]
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/etc/ssl/certs", "/etc/mime.types")
_TEMPORARY = "tmp"
_IMPORTED = 96 * MEGABYTE  # address space of an interpreter that has imported what a kernel needs


@dataclass(frozen=True)
class Limits:
    """The resources that one submission may use.

    `memory` is bytes that all its processes together may hold, measured five times a second;
    `address_space` bytes that one process may map beyond what a fresh kernel has;
    `scratch` bytes on its (in-memory) disk, `file` bytes in one file, `processes` processes and threads,
    `open_files` descriptors, `cpu` seconds of processor time per process.
    """

    memory: int = 512 * MEGABYTE
    address_space: int = 1024 * MEGABYTE
    scratch: int = 64 * MEGABYTE
    file: int = 32 * MEGABYTE
    processes: int = 64
    open_files: int = 256
    cpu: int = 120


@dataclass(frozen=True)
class Sandbox:
    """A sandbox: its `limits`, and `hidden`, absolute paths of folders to cover even where a parent is shown."""

    limits: Limits = field(default_factory=Limits)
    hidden: tuple[str, ...] = ()

    def environment(self, folder: Path) -> dict[str, str]:
        """Return the whole environment of a process whose scratch folder is `folder`: nothing of the grader's."""
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder / WORK),
            "TMPDIR": str(folder / _TEMPORARY),
            "LANG": "C.UTF-8",
            "USER": "learner",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if str(_PACKAGE.parent) not in map(sysconfig.get_path, ("purelib", "platlib")):
            environment["PYTHONPATH"] = str(_PACKAGE.parent)  # a checkout: this very package, not one installed beside
        return environment

    def request(self, folder: Path, folders: Iterable[str], files: Iterable[str] = ()) -> SandboxRequest:
        """Return what `namespaces.enter` needs for a process whose scratch folder is `folder`.

        `folders` are names of folders that it begins with, WORK among them; `files` those of files to take over.
        """
        limits = self.limits
        view, links = _view(self.hidden)
        return {
            "folder": str(folder),
            "folders": [*folders, _TEMPORARY],
            "files": [*files],
            "grader_sockets": GRADER_SOCKETS,
            "cwd": str(folder / WORK),
            "view": view,
            "links": links,
            "scratch_bytes": limits.scratch,
            "imported_bytes": _IMPORTED,
            "limits": {
                "RLIMIT_AS": limits.address_space,
                "RLIMIT_NPROC": limits.processes,
                "RLIMIT_FSIZE": limits.file,
                "RLIMIT_NOFILE": limits.open_files,
                "RLIMIT_CPU": limits.cpu,
                "RLIMIT_CORE": 0,
            },
        }


def course_sandbox(course_root: Path, *private: Path, limits: Mapping[str, int] | None = None) -> Sandbox:
    """Return the sandbox for a course: its folder, the `private` ones and the grader's home are hidden.

    `limits` replaces fields of `Limits` by name.
    """
    home = Path.home()
    hidden = (course_root, *private, *([home] if str(home) != "/" else []))
    return Sandbox(Limits(**(limits or {})), tuple(str(path.resolve()) for path in hidden))


@functools.cache
def _view(hidden: tuple[str, ...]) -> tuple[list[tuple[str, bool]], list[tuple[str, str]]]:
    """Return paths to show (True) or to cover (False), parents first, and symbolic links of the system."""
    links = [(path, os.readlink(path)) for path in _SYSTEM if os.path.islink(path)]
    shown = {path for path in (*_SYSTEM, *_ETC) if os.path.exists(path) and not os.path.islink(path)}
    shown |= {path for path in _ETC if os.path.exists(path)} | set(_python())
    covered = {os.path.realpath(path) for path in hidden}
    paths = {**dict.fromkeys(shown, True), **dict.fromkeys(covered - shown, False)}
    ordered = sorted(paths, key=lambda path: (path.count("/"), path))
    return [(path, paths[path]) for path in ordered if paths[path] or _lies_in(path, shown)], links


def _python() -> set[str]:
    """Return the folders of Python, of its packages and of this package, by every name that they go by."""
    places = {sys.prefix, sys.base_prefix, str(_PACKAGE)}
    places |= {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    found = {os.path.realpath(path) for path in places} | {os.path.abspath(path) for path in places}
    return {path for path in found if os.path.isdir(path) and path != "/" and not _lies_in(path, found - {path})} | {
        str(_PACKAGE)
    }


def _lies_in(path: str, places: Iterable[str]) -> bool:
    return any(path == place or path.startswith(place.rstrip("/") + "/") for place in places)
