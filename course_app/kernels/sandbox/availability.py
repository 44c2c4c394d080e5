"""Availability of the sandbox on this machine: one small process is started in it, and examines it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ..conventions import FOLDER_PREFIX, GRADER_SOCKETS, WORK
from ..supervised_process import ProcessRequest, start, why_unsupported
from .policy import Sandbox

_SECONDS = 20.0
_OUTPUT_BYTES = 4096
_PROBE = """\
import importlib.util, os, socket, sys

def writable():
    try:
        open("/course-probe", "w")
    except OSError:
        return False
    return True

if os.getpid() != 1:
    sys.exit("other processes can be seen")
if [name for _, name in socket.if_nameindex()] != ["lo"]:
    sys.exit("the network can be reached")
if writable():
    sys.exit("the file system can be written")
for name in ("ipykernel", "course_app"):
    if importlib.util.find_spec(name) is None:
        sys.exit(f"{name} cannot be imported in it; install it where {sys.executable} finds it")
"""


def why_unavailable(sandbox: Sandbox) -> str | None:
    """Return why this machine cannot have that sandbox, or None where it can. It takes some 0.1 s."""
    reason = why_unsupported()
    if reason:
        return f"the sandbox needs Linux namespaces, and {reason}"
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-"))
    try:
        (folder / GRADER_SOCKETS).mkdir()
        return _probe(sandbox, folder)
    except OSError as error:
        return str(error)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _probe(sandbox: Sandbox, folder: Path) -> str | None:
    """Run the probe in the sandbox, and return what it found wrong. Raises OSError for a machine that refuses it."""
    read, write = os.pipe()
    with open(read, "rb") as output:
        try:
            request = ProcessRequest(
                argv=[sys.executable, "-c", _PROBE],
                env=sandbox.environment(folder),
                cwd=str(folder),
                out=write,
                err=write,
                sandbox=sandbox.request(folder, [WORK]),
            )
            process = start(request)
        finally:
            os.close(write)
        try:
            code = process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return f"a process in it did not end within {_SECONDS:g} s"
        finally:
            process.close_descriptors()
        lines = output.read(_OUTPUT_BYTES).decode(errors="replace").strip().splitlines()
    return None if code == 0 else f"it does not hold: {lines[-1] if lines else f'exit code {code}'}"
