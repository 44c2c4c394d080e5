"""A helper process that kills the engines of this process and removes their folders when this process ends.

It reads from a pipe whose other end this process holds. The kernel closes that end however this process ends, SIGKILL
included, so the helper always gets to its clean-up.
Source: pipe(7), "If all file descriptors referring to the write end of a pipe have been closed".
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# Reads "+<process group> <folder>" and "-<process group>" line by line; it runs with `-I -S`, so it imports little.
REAPER = """
import os, shutil, signal, sys
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
folders = {}
for line in sys.stdin:
    group, _, folder = line[1:].strip().partition(" ")
    if line[0] == "+": folders[int(group)] = folder
    else: folders.pop(int(group), None)
for group in folders:
    try: os.killpg(group, signal.SIGKILL)
    except OSError: pass
for folder in folders.values(): shutil.rmtree(folder, ignore_errors=True)
"""

_reaper: subprocess.Popen[bytes] | None = None


def watch(pid: int, folder: Path) -> None:
    """Have process group `pid` killed and `folder` removed when this process ends; starts the helper if need be."""
    _tell(f"+{pid} {folder}")


def forget(pid: int) -> None:
    """Take back `watch`: the process group has ended."""
    _tell(f"-{pid}")


def _tell(line: str) -> None:
    global _reaper
    if _reaper is None or _reaper.poll() is not None:
        _reaper = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", REAPER], stdin=subprocess.PIPE, start_new_session=True
        )
    assert _reaper.stdin is not None
    _reaper.stdin.write(line.encode() + b"\n")
    _reaper.stdin.flush()
