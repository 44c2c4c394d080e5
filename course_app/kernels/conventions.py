"""Conventions between the processes of one kernel: the layout of its folder, and the command of ipykernel.

Names are short, because the path of a Unix socket has 107 bytes on Linux and 103 on macOS (unix(7)).
"""

from __future__ import annotations

import sys

FOLDER_PREFIX = "course-k-"
"""How the name of a kernel's folder begins; the process id of its manager follows, and a dash."""
WORK = "work"
"""The folder that cells run in."""
SOCKETS = "s"
"""The folder for the Unix sockets of servers that cells start."""
GRADER_SOCKETS = "h"
"""The folder for the Unix sockets of the grader's own servers; a sandboxed kernel can connect, and not write."""
IPYTHON = "ipython"
"""IPYTHONDIR of the kernel: empty, so that no configuration of the user's is found."""
CHANNELS = "z"
"""How the names of the kernel's ZeroMQ sockets begin; a dash and the number of the channel follow."""
CONNECTION_FILE = "c.json"
"""jupyter_client's connection file."""

IPYKERNEL_OPTIONS = ("--HistoryManager.enabled=False", "--IPythonKernel._execute_sleep=0")
"""Options of `ipykernel_launcher` after `-f PATH`: no history file, and no pause before an error is reported."""


def ipykernel_command(connection_file: str) -> list[str]:
    """Return the command that starts an ipykernel, with the connection file's path at index 4."""
    return [sys.executable, "-m", "ipykernel_launcher", "-f", connection_file, *IPYKERNEL_OPTIONS]
