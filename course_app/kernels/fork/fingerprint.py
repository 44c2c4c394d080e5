"""What both sides of a warm parent agree on: where it listens, what it imported, how kernels are called and started."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import time
from pathlib import Path

SOCKET = "socket"
"""The name of the parent's Unix socket in its folder."""
PREFIX = "course-k-"
"""How the name of a kernel's folder begins; the process number of its manager follows, and a dash."""
OPTIONS = ("--HistoryManager.enabled=False", "--IPythonKernel._execute_sleep=0")
"""How the engine's kernels are started, after `-f PATH`."""


_FRESH_SECONDS = 1.0


def fingerprint() -> str:
    """Return a digest of the installed distributions, the sources of `course_app`, and what else shapes an interpreter.

    Distributions count by the names of their `.dist-info` folders, which hold the version;
    sources by path, size and time of change. Files are looked at once in a second.
    """
    parts = [sys.executable, sys.version, *sorted(f"{k}={v}" for k, v in os.environ.items() if k.startswith("PYTHON"))]
    if sys.platform == "linux":
        parts.append(os.readlink("/proc/self/ns/user"))  # user 0 in another user namespace is somebody else
    parts.append(_files(int(time.monotonic() / _FRESH_SECONDS)))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@functools.lru_cache(maxsize=1)
def _files(_moment: int) -> str:
    parts = []
    for entry in sys.path:
        if entry.endswith("-packages") and os.path.isdir(entry):
            parts += sorted(name for name in os.listdir(entry) if name.endswith((".dist-info", ".egg-info")))
    package = Path(__file__).resolve().parents[2]
    for path in sorted(package.rglob("*.py")):
        stat = path.stat()
        parts.append(f"{path} {stat.st_size} {stat.st_mtime_ns}")
    return "\n".join(parts)
