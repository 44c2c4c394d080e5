"""Real ipykernel kernels for tests, on this Python and on the others of the machine."""

from __future__ import annotations

import hashlib
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

from tests.support.paths import ROOT

VERSIONS = ("3.11", "3.12", "3.13")
NEEDED = ("fastapi", "ipykernel", "nest-asyncio", "uvicorn", "websockets")
LIMIT = 60.0  # seconds for one cell on a busy machine


@dataclass
class Result:
    """What a cell gave back: its streams, its last value as text, its error as `Name: text`."""

    stdout: str = ""
    stderr: str = ""
    value: str | None = None
    error: str | None = None
    traceback: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Kernel:
    """A running kernel and its client."""

    def __init__(self, manager: KernelManager, client: Any) -> None:
        self.manager = manager
        self.client = client

    def start(self, code: str) -> str:
        """Send a cell and return the id of its message."""
        return self.client.execute(code)

    def finish(self, message: str, limit: float = LIMIT) -> Result:
        """Collect what the cell `message` gave, until it is idle. Raises TimeoutError after `limit` seconds."""
        result, began = Result(), time.monotonic()
        while True:
            try:
                reply = self.client.get_iopub_msg(timeout=max(began + limit - time.monotonic(), 0.01))
            except queue.Empty:
                raise TimeoutError(f"the cell did not end within {limit} s; so far: {result}") from None
            if reply["parent_header"].get("msg_id") != message:
                continue
            kind, content = reply["msg_type"], reply["content"]
            if kind == "stream":
                setattr(result, content["name"], getattr(result, content["name"]) + content["text"])
            elif kind == "execute_result":
                result.value = content["data"]["text/plain"]
            elif kind == "error":
                result.error, result.traceback = f"{content['ename']}: {content['evalue']}", content["traceback"]
            elif kind == "status" and content["execution_state"] == "idle":
                result.seconds = time.monotonic() - began
                return result

    def run(self, code: str, limit: float = LIMIT) -> Result:
        """Run a cell."""
        return self.finish(self.start(code), limit)

    def interrupt(self) -> None:
        """Do what the stop button of JupyterLab does."""
        self.manager.interrupt_kernel()


@contextmanager
def kernel(python: str = sys.executable, **environment: str) -> Iterator[Kernel]:
    """Start a kernel on the interpreter `python`; the package is the one of this checkout."""
    manager = KernelManager(kernel_name="python3")
    assert manager.kernel_spec is not None
    manager.kernel_spec.argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    manager.start_kernel(env={**os.environ, "PYTHONPATH": path, **environment})
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=LIMIT)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@cache
def interpreters() -> dict[str, str]:
    """Return the interpreters of this machine by version: this one, COURSE_TEST_PYTHONS, the PATH, pyenv's."""
    named = os.environ.get("COURSE_TEST_PYTHONS", "").split(os.pathsep)
    on_path = [shutil.which(f"python{version}") or "" for version in VERSIONS]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found: dict[str, str] = {}
    for candidate in [sys.executable, *named, *on_path, *map(str, sorted(pyenv.glob("3.*/bin/python")))]:
        version = _version(candidate) if candidate else None
        if version in VERSIONS:
            found.setdefault(version, candidate)
    return found


def _version(python: str) -> str | None:
    """Return for example `3.12`, or None for what does not run."""
    command = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


@cache
def environment(version: str) -> str:
    """Return an interpreter of `version` with the locked packages that a kernel and a server need.

    This version has them. For the others a virtual environment is made once and kept in .course/.
    """
    if version == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return sys.executable
    base, lock = interpreters()[version], ROOT / "requirements.lock"
    target = ROOT / ".course" / "pythons" / f"{version}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    python = target / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        _make(base, target, lock)
    return str(python)


def _make(base: str, target: Path, lock: Path) -> None:
    """Make the virtual environment beside its place and move it there, so that a second process finds it whole."""
    fresh = Path(tempfile.mkdtemp(dir=target.parent))
    names = fresh / "names.txt"
    names.write_text(_excerpt(lock.read_text()))
    uv = shutil.which("uv") or shutil.which("uv", path=os.path.dirname(sys.executable))
    made = fresh / "venv"
    scripts = made / ("Scripts" if os.name == "nt" else "bin")
    pip = ["--require-hashes", "-r", str(names)]
    if uv:
        commands = [[uv, "venv", "--python", base, str(made)], [uv, "pip", "install", "--python", str(made), *pip]]
    else:
        commands = [[base, "-m", "venv", str(made)], [str(scripts / "python"), "-m", "pip", "install", *pip]]
    try:
        for command in commands:
            subprocess.run(command, check=True, capture_output=True, timeout=300)
        try:
            made.rename(target)
        except OSError:
            if not target.exists():
                raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _excerpt(lock: str) -> str:
    """Return the entries of the lock file that NEEDED need, hashes kept: `# via` names who needs an entry."""
    entries = {entry.partition("==")[0]: entry for entry in re.split(r"\n(?=[a-z])", lock) if "==" in entry}
    parents = {name: set(re.findall(r"^    #(?: via)?  ? *([\w.-]+)", text, re.M)) for name, text in entries.items()}
    chosen: set[str] = set()
    new = set(NEEDED)
    while new:
        chosen |= new
        new = {name for name, above in parents.items() if above & chosen} - chosen
    return "\n".join(entries[name] for name in sorted(chosen)) + "\n"
