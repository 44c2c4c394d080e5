"""A JupyterHub for a class: the proxy that it needs, and the trial hub that `course hub` starts."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from ..classroom.learner_folders import NAME
from ..errors import CourseError
from ..storage import STATE_FOLDER
from . import lab_server, python_packages

DEPLOY = Path("deploy") / "jupyterhub"
FOLDER = STATE_FOLDER / "hub"
PROXY = DEPLOY / "node_modules" / ".bin" / "configurable-http-proxy"
NPM_TIMEOUT = 300.0


def ensure_proxy(root: Path) -> Path:
    """Return the path of JupyterHub's proxy; install the version in package-lock.json where it is missing.

    Raises CourseError where Node.js is missing or the installation fails.
    """
    proxy = root / PROXY
    for program in ("node", "npm"):
        if not shutil.which(program):
            raise CourseError(
                f"{program} is not on PATH; JupyterHub's proxy needs Node.js 20 or newer, so install that"
            )
    if not _is_current(root / DEPLOY):
        words = ["npm", "ci", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"]
        words.append(f"--cache={root / STATE_FOLDER / 'npm'}")
        print("installing JupyterHub's proxy", flush=True)
        try:
            done = subprocess.run(words, cwd=root / DEPLOY, timeout=NPM_TIMEOUT, check=False).returncode == 0
        except subprocess.TimeoutExpired:
            done = False
        if not done or not proxy.exists():
            raise CourseError(f"JupyterHub's proxy could not be installed; run `npm ci` in {DEPLOY} to see why")
    return proxy


def prepare(folder: Path, learners: Sequence[str]) -> str:
    """Make the hub's own folder with a roster and a password, where there are none, and return the password.

    Raises CourseError for a name that no folder can have, and where the folder cannot be written.
    """
    for name in learners:
        if not NAME.fullmatch(name):
            raise CourseError(f"{name!r} is no name for a learner; use letters, digits and . _ @ + - only")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        roster, password = folder / "roster.txt", folder / "password"
        if not roster.exists():
            roster.write_text("".join(f"{name}\n" for name in learners), encoding="utf-8")
        if not password.exists():
            password.touch(mode=0o600)
            password.write_text(secrets.token_urlsafe(9), encoding="utf-8")
        return password.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise CourseError(f"{folder} cannot be written: {error.strerror}; name another with --folder") from error


def command(root: Path, config: Path | None = None) -> list[str]:
    """Return the command that starts a hub; it runs in the hub's own folder. `config` None means the trial's."""
    return [sys.executable, "-m", "jupyterhub", "-f", str(config or root / DEPLOY / "trial_config.py")]


def environment(folder: Path, port: int) -> dict[str, str]:
    """Return the environment of a hub that listens on `port` and whose own folder is `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTERHUB_", "CONFIGPROXY_"))}
    return kept | {"COURSE_HUB_FOLDER": str(folder), "COURSE_HUB_PORT": str(port)}


def start(root: Path, folder: Path, port: int, learners: Sequence[str]) -> NoReturn:
    """Replace this process by the trial hub on `port`, whose own folder is `folder`; `learners` are its users.

    Raises CourseError where something is missing or the port is taken.
    """
    if os.name != "posix":
        raise CourseError("JupyterHub runs on Linux and macOS only; on Windows, use WSL")
    lab_server.check_port(port)
    python_packages.need("jupyterhub", root / python_packages.TEST_LOCK)
    ensure_proxy(root)
    password = prepare(folder, learners)
    print(f"Open http://127.0.0.1:{port} · names: {folder / 'roster.txt'} · password: {password}", flush=True)
    os.chdir(folder)
    os.execve(sys.executable, command(root), environment(folder, port))


def _is_current(deploy: Path) -> bool:
    """Return whether npm has installed the versions in the lock file."""
    lock, installed = deploy / "package-lock.json", deploy / "node_modules" / ".package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime
