"""Lock files compared with the installed packages, and the command that installs what differs."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import CourseError

LEARNER_LOCK = "requirements.lock"
TEST_LOCK = "requirements-test.lock"
PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s\\;]+)(?: *; *(?P<marker>[^\\\n]+?))? *\\?$", re.MULTILINE
)


@dataclass(frozen=True)
class Pin:
    """One package that a lock file pins; `marker` is its environment marker (PEP 508) or empty."""

    name: str
    version: str
    marker: str = ""

    def __str__(self) -> str:
        return f"{self.name}=={self.version}" + (f" ; {self.marker}" if self.marker else "")

    def applies(self) -> bool:
        """Return whether the marker holds for this Python."""
        if not self.marker:
            return True
        from packaging.markers import Marker

        return Marker(self.marker).evaluate()


@dataclass(frozen=True)
class Difference:
    """A package that is not as the lock file says; `found` is None where it is missing."""

    name: str
    wanted: str
    found: str | None

    def __str__(self) -> str:
        return f"{self.name} {self.found or 'missing'} (wanted {self.wanted})"


def read_lock(path: Path) -> tuple[Pin, ...]:
    """Return every pin of a lock file, for every platform. Raises CourseError where it is unreadable or empty."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CourseError(
            f"{path} cannot be read: {error.strerror}; `git checkout {path.name}` brings it back"
        ) from error
    pins = tuple(Pin(found["name"], found["version"], found["marker"] or "") for found in PIN.finditer(text))
    if not pins:
        raise CourseError(f"{path} pins no package; `git checkout {path.name}` brings it back")
    return pins


def differences(path: Path) -> list[Difference]:
    """Return the packages of a lock file that are missing here, or here in another version. Raises CourseError."""
    return [
        Difference(pin.name, pin.version, found)
        for pin in read_lock(path)
        if pin.applies() and (found := installed_version(pin.name)) != pin.version
    ]


def installed_version(name: str) -> str | None:
    """Return the installed version of a distribution, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def find_uv() -> str | None:
    """Return uv's path: the one that `uv run` names, one on PATH, or this environment's own."""
    beside = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    named = os.environ.get("UV") or shutil.which("uv")
    return named or (str(beside) if beside.exists() else None)


def install_command(path: Path) -> list[str]:
    """Return the command that installs a lock file into this environment, hashes checked, nothing removed.

    Raises CourseError where there is neither uv nor pip.
    """
    uv = find_uv()
    if uv:
        return [uv, "pip", "install", "--quiet", "--python", sys.executable, "--require-hashes", "-r", str(path)]
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(path)]
    raise CourseError(f"neither uv nor pip is here to install {path.name}; install uv, then run this again")


def install(path: Path) -> None:
    """Install what differs from a lock file. Raises CourseError when that fails."""
    command = install_command(path)
    if subprocess.run(command, check=False).returncode:
        raise CourseError(f"{path.name} could not be installed; the lines above say why; try `{shlex.join(command)}`")


def need(name: str, lock: Path) -> None:
    """Install all of the lock file `lock`, where the distribution `name` is missing. Raises CourseError."""
    if installed_version(name) is None:
        print(f"installing the packages of {lock.name}, {name} among them", flush=True)
        install(lock)
