"""The fingerprint of a fork server: kernels are forked only from a server that has imported what is installed now."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import time
from pathlib import Path

SOCKET = "socket"
"""The name of the fork server's Unix socket in its folder."""

_FRESH_SECONDS = 1.0


def fingerprint() -> str:
    """Return a digest, 16 hexadecimal digits, of what a forked kernel would share with its server.

    That is the interpreter and its environment variables, the installed distributions, and the sources of `course_app`.
    Distributions count by the names of their `.dist-info` folders, which hold the version;
    sources by path, size and time of change. Files are read at most once in a second.
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
