"""What a sandboxed kernel is shown and allowed, and whether this machine can have one.

Shown, read-only: Python, its packages, `course_app`, and what programs need of the system.
Not shown: the course's solutions, tests and journal, any submission, any result, anybody's home, other processes.
`jail.py` does what is said here.
"""

from __future__ import annotations

import functools
import os
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..fork import fork_client

MEGABYTE = 1024 * 1024
_PACKAGE = Path(__file__).resolve().parents[2]
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/etc/ssl/certs", "/etc/mime.types")
HOSTED = "h"
"""The folder, in a kernel's own, for sockets of the grader's servers; the kernel may connect, and not write."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    `memory` is bytes that all its processes together may hold, looked at five times a second;
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
    """How kernels are kept: `limits`, and `hidden`, folders that must not be seen even where their parents are."""

    limits: Limits = field(default_factory=Limits)
    hidden: tuple[str, ...] = ()

    def environment(self, folder: Path) -> dict[str, str]:
        """Return the environment of a kernel whose folder that is: nothing of the grader's is in it."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder / "work"),
            "TMPDIR": str(folder / "tmp"),
            "LANG": "C.UTF-8",
            "USER": "learner",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def request(self, folder: Path, folders: Iterable[str]) -> dict[str, Any]:
        """Return what `jail.enter` needs for a kernel whose folder that is."""
        limits = self.limits
        view, links = _view(self.hidden)
        return {
            "folder": str(folder),
            "folders": [*folders, "tmp"],
            "files": ["c.json"],
            "hosted": HOSTED,
            "cwd": str(folder / "work"),
            "view": view,
            "links": links,
            "scratch_bytes": limits.scratch,
            "limits": {
                "RLIMIT_AS": limits.address_space,
                "RLIMIT_NPROC": limits.processes,
                "RLIMIT_FSIZE": limits.file,
                "RLIMIT_NOFILE": limits.open_files,
                "RLIMIT_CPU": limits.cpu,
                "RLIMIT_CORE": 0,
            },
        }


@functools.cache
def _view(hidden: tuple[str, ...]) -> tuple[list[tuple[str, bool]], list[tuple[str, str]]]:
    """Return paths to show (True) or to cover (False), parents first, and symbolic links of the system."""
    links = [(path, os.readlink(path)) for path in _SYSTEM if os.path.islink(path)]
    shown = {path for path in (*_SYSTEM, *_ETC) if os.path.exists(path) and not os.path.islink(path)}
    shown |= {path for path in _ETC if os.path.exists(path)} | set(_python())
    covered = {os.path.realpath(path) for path in hidden}
    paths = {**dict.fromkeys(shown, True), **dict.fromkeys(covered - shown, False)}
    ordered = sorted(paths, key=lambda path: (path.count("/"), path))
    return [(path, paths[path]) for path in ordered if paths[path] or _inside(path, shown)], links


def _python() -> set[str]:
    places = {sys.prefix, sys.base_prefix, str(_PACKAGE)}
    places |= {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    found = {os.path.realpath(path) for path in places} | {os.path.abspath(path) for path in places}
    return {path for path in found if os.path.isdir(path) and path != "/" and not _inside(path, found - {path})} | {
        str(_PACKAGE)
    }


def _inside(path: str, places: Iterable[str]) -> bool:
    return any(path == place or path.startswith(place.rstrip("/") + "/") for place in places)


def why_not(sandbox: Sandbox) -> str | None:
    """Return why this machine cannot have that sandbox, or None where it can; it starts one kernel to know."""
    import asyncio

    from ..kernel import Kernel, KernelFailed

    reason = fork_client.why_not()
    if reason:
        return reason.replace("warm kernels need", "the sandbox needs")

    async def attempt() -> str | None:
        try:
            async with await Kernel.start(sandbox=sandbox) as kernel:
                result = await kernel.execute(_PROBE, timeout=10.0)
        except KernelFailed as error:
            return str(error).removeprefix("the kernel did not start: ")
        return None if result.status == "ok" else f"it does not hold: {result.detail}"

    return asyncio.run(attempt())


_PROBE = """\
import os, socket
assert os.getpid() == 1, "other processes can be seen"
assert [name for _, name in socket.if_nameindex()] == ["lo"], "the network can be reached"
try:
    open("/course-probe", "w")
except OSError:
    pass
else:
    raise AssertionError("the file system can be written")
"""


def of(course_root: Path, *private: Path, limits: Mapping[str, int] | None = None) -> Sandbox:
    """Return the sandbox for a course: its folder, `private` ones and the grader's home are hidden."""
    home = Path.home()
    hidden = (course_root, *private, *([home] if str(home) != "/" else []))
    return Sandbox(Limits(**(limits or {})), tuple(str(path.resolve()) for path in hidden))
