"""JupyterLab on the course, with its settings, history and runtime files inside the course's folder."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from ..errors import CourseError
from ..storage import STATE_FOLDER

FIRST_NOTEBOOK = "notebooks/00_start.ipynb"
JUPYTER = STATE_FOLDER / "jupyter"
# JupyterLab asks the reader at its first start whether to fetch news, and looks for its own updates.
DEFAULTS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
# nbgrader comes with the tests. Its panels are for instructors, and its Validate button knows nothing of our checks.
PAGE = {"disabledExtensions": {"@jupyter/nbgrader": True}}
SETTINGS = {"default_setting_overrides.json": DEFAULTS, "page_config.json": PAGE}


def environment(root: Path) -> dict[str, str]:
    """Return JupyterLab's environment variables: settings, history, runtime files and kernel specs stay in `root`.

    JUPYTER_PATH is dropped because a kernel spec found there goes before this environment's own.
    Source: Jupyter documentation, "Common Directories and File Locations".
    """
    state = root / JUPYTER
    variables = {name: value for name, value in os.environ.items() if name != "JUPYTER_PATH"}
    variables |= {
        "JUPYTER_CONFIG_DIR": str(state / "config"),
        "JUPYTER_DATA_DIR": str(state / "data"),
        "JUPYTER_RUNTIME_DIR": str(state / "runtime"),
        "IPYTHONDIR": str(state / "ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
    }
    # A terminal in JupyterLab then has `course` and `pytest` of this environment.
    variables["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), variables.get("PATH", os.defpath)])
    return variables


def command(root: Path, port: int | None = None, browser: bool = True, extra: Sequence[str] = ()) -> list[str]:
    """Return the command that starts JupyterLab on the first lesson.

    `port` None means 8888 or the next free one; `extra` is handed to JupyterLab as it is.
    """
    words = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}"]
    # No search for language servers: it runs npm, which writes to the home folder.
    words.append("--LanguageServerManager.autodetect=False")
    words.append(f"--LabApp.default_url=/lab/tree/{FIRST_NOTEBOOK}")
    if port is not None:
        words += [f"--port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        words.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words.append("--allow-root")
    return [*words, *extra]


def prepare(root: Path) -> None:
    """Write JupyterLab's default settings for the course in `root`, where there are none; a learner's own win."""
    folder = root / JUPYTER / "config" / "labconfig"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in SETTINGS.items():
        if not (folder / name).exists():
            (folder / name).write_text(json.dumps(content, indent=1), encoding="utf-8")


def check_port(port: int) -> None:
    """Raise CourseError when nothing can listen on that port of 127.0.0.1."""
    if not 0 <= port <= 65535:
        raise CourseError(f"port {port} is no port; choose one from 1024 to 65535")
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CourseError(f"port {port} is taken ({error.strerror}); choose another, or leave it out") from error


def start(root: Path, port: int | None = None, browser: bool = True, extra: Sequence[str] = ()) -> NoReturn:
    """Replace this process by JupyterLab on the course in `root`; the arguments are those of `command`.

    Raises CourseError for a port that is taken.
    """
    if port is not None:
        check_port(port)
    prepare(root)
    words, variables = command(root, port, browser, extra), environment(root)
    os.chdir(root)
    if os.name == "posix":
        os.execve(words[0], words, variables)
    # Windows has no exec that keeps the console.
    sys.exit(subprocess.run(words, env=variables, check=False).returncode)
