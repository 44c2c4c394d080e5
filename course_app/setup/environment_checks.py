"""Checks of a learner's environment, each with the command that fixes a fault."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import CourseError
from . import browser, python_packages

KERNEL_TIMEOUT = 30.0
OURS_TO_SET = {browser.VARIABLE}


@dataclass(frozen=True)
class Finding:
    """The result of one check. `fix` is the command that fixes the fault, or empty where nothing is wrong."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


def examine(root: Path) -> Iterator[Finding]:
    """Yield a finding for each thing that the course in `root` needs, in the order in which to fix them.

    A check that raises is a finding too; nothing is raised.
    """
    probes: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("python", python),
        ("packages", lambda: lock(root)),
        ("websockets", websockets),
        ("kernel", kernel),
        ("ports", ports),
        ("variables", variables),
        ("browser", test_browser),
    )
    for name, probe in probes:
        try:
            yield probe()
        except CourseError as error:
            yield Finding(name, False, str(error))
        except Exception as error:
            yield Finding(name, False, f"{type(error).__name__}: {error}", set_up_again(root))


def set_up_again(root: Path) -> str:
    """Return the command that installs the pinned packages into this environment again."""
    try:
        return shlex.join(python_packages.install_command(root / python_packages.LEARNER_LOCK))
    except CourseError:
        return "make lab"


def python() -> Finding:
    """Return the version and place of this Python. One older than 3.11 cannot install the project."""
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", True, f"{version} in {sys.prefix}")


def lock(root: Path) -> Finding:
    """Check that every package of requirements.lock is installed in its version. Raises CourseError."""
    gaps = python_packages.differences(root / python_packages.LEARNER_LOCK)
    if not gaps:
        return Finding("packages", True, f"as {python_packages.LEARNER_LOCK} pins them")
    shown = ", ".join(str(gap) for gap in gaps[:5]) + (f" and {len(gaps) - 5} more" if len(gaps) > 5 else "")
    return Finding("packages", False, shown, set_up_again(root))


def websockets() -> Finding:
    """Check that uvicorn finds a WebSocket library: without one it answers each handshake with 404."""
    from uvicorn.protocols.websockets.auto import AutoWebSocketsProtocol

    if AutoWebSocketsProtocol is None:
        return Finding("websockets", False, "uvicorn finds no WebSocket library", set_up_again(Path.cwd()))
    return Finding("websockets", True, "uvicorn speaks WebSocket")


def kernel() -> Finding:
    """Check that the kernel spec python3 belongs to this environment, and that a kernel of it starts."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    from jupyter_client.manager import start_new_kernel

    register = f"{shlex.quote(sys.executable)} -m ipykernel install --sys-prefix"
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Finding("kernel", False, "Jupyter finds no kernel called python3", register)
    program = spec.argv[0]
    # Jupyter puts its own interpreter where a spec says just "python".
    if program not in ("python", "python3") and not _same_environment(program):
        return Finding("kernel", False, f"kernel python3 runs {program}, not this environment's Python", register)
    try:
        manager, client = start_new_kernel(KERNEL_TIMEOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except Exception as error:
        return Finding("kernel", False, f"kernel python3 does not start: {error}".splitlines()[0], register)
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    return Finding("kernel", True, "python3 starts")


def _same_environment(program: str) -> bool:
    found = shutil.which(program)
    return found is not None and Path(found).absolute().parent == Path(sys.executable).absolute().parent


def ports() -> Finding:
    """Check that a socket can listen on 127.0.0.1, and that another can connect to it."""
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            with socket.create_connection(listener.getsockname(), timeout=5):
                pass
        except OSError as error:
            fix = "sudo ip link set lo up" if sys.platform == "linux" else "allow Python in your firewall"
            return Finding("ports", False, f"no server can listen on 127.0.0.1: {error.strerror}", fix)
    return Finding("ports", True, "a server can listen on 127.0.0.1")


def variables() -> Finding:
    """Check that no COURSE_* variable is set in the shell: each changes what the course does."""
    stray = sorted(name for name in os.environ if name.startswith("COURSE_") and name not in OURS_TO_SET)
    if not stray:
        return Finding("variables", True, "no COURSE_* variable is set")
    word = "Remove-Item " + ",".join(f"Env:{name}" for name in stray) if os.name == "nt" else "unset " + " ".join(stray)
    return Finding("variables", False, f"{', '.join(stray)} changes what the course does", word)


def test_browser() -> Finding:
    """Look for a browser that the tests can drive. None is no fault: a learner's own is not looked for."""
    found = browser.find_browser()
    return Finding("browser", True, str(found) if found else "none for the tests; `course test` gets one")
