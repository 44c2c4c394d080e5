"""Looking at processes from outside."""

from __future__ import annotations

import time
from pathlib import Path


def gone(pid: int, within: float = 20.0) -> bool:
    """Return whether a process ends within some seconds; a zombie, which only waits for its parent, has ended."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False
