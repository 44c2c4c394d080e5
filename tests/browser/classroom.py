"""A class on a real JupyterHub: the trial hub of deploy/jupyterhub, and learners who sign in with a browser."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from course_app.setup import trial_hub

START_TIMEOUT = 90.0
LEARNERS = ("ada", "grace")
# The tests' door into JupyterLab, and quick ends; everything else is as `course hub` has it.
CONFIG = """load_subconfig({trial!r})
c = get_config()
c.Spawner.args = ["--LabApp.expose_app_in_browser=True"]
c.LocalProcessSpawner.interrupt_timeout = c.LocalProcessSpawner.term_timeout = 1
"""


@dataclass(frozen=True)
class Classroom:
    """A running hub. `homes` holds a folder for each learner, `collected` is the grading folder."""

    url: str
    folder: Path
    password: str

    @property
    def homes(self) -> Path:
        return self.folder / "homes"

    @property
    def collected(self) -> Path:
        return self.folder / "collected"

    def course(self, name: str) -> Path:
        """Return a learner's own copy of the course."""
        return self.homes / name / "course"

    def knock(self, context: BrowserContext, name: str) -> Page:
        """Sign in through the hub's own form; the learner's server then starts."""
        page = context.new_page()
        page.goto(f"{self.url}/hub/login", timeout=START_TIMEOUT * 1000)
        page.locator("#username_input").fill(name)
        page.locator("#password_input").fill(self.password)
        page.get_by_role("button", name="Sign in").click(no_wait_after=True)
        return page


@dataclass(frozen=True)
class Learner:
    """One person at the hub, in a browser of their own."""

    name: str
    page: Page

    @property
    def context(self) -> BrowserContext:
        return self.page.context


@contextlib.contextmanager
def classroom(root: Path, folder: Path) -> Iterator[Classroom]:
    """Run the trial hub with its own folder `folder`; at the end nothing that it started is left.

    Raises RuntimeError with the hub's last lines when it does not start in time.
    """
    trial_hub.ensure_proxy(root)
    password = trial_hub.prepare(folder, LEARNERS)
    config = folder / "test_config.py"
    config.write_text(CONFIG.format(trial=str(root / trial_hub.DEPLOY / "trial_config.py")), encoding="utf-8")
    port, log = free_port(), folder / "hub.log"
    with log.open("w") as out:
        process = psutil.Popen(
            trial_hub.command(root, config), cwd=folder, env=trial_hub.environment(folder, port), stdout=out, stderr=out
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_up(process, url, log)
            yield Classroom(url, folder, password)
        finally:
            end(process)


def wait_until_up(process: psutil.Popen, url: str, log: Path) -> None:
    end_at = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end_at and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/hub/health", timeout=5).status_code == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("JupyterHub did not start:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-30:]))


def end(process: psutil.Popen) -> None:
    """Ask the hub to stop, which stops its servers and its proxy; then see to it that all of them are gone."""
    family = [process, *process.children(recursive=True)] if process.is_running() else [process]
    process.terminate()
    with contextlib.suppress(psutil.TimeoutExpired, subprocess.TimeoutExpired):
        process.wait(timeout=20)
    for one in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(family[1:], timeout=5)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sign_in(room: Classroom, browser: Browser, names: tuple[str, ...], size: ViewportSize) -> dict[str, Learner]:
    """Sign everybody in, each in a browser that shares nothing with the others, and wait for their JupyterLab."""
    pages = {name: room.knock(browser.new_context(viewport=size), name) for name in names}
    for page in pages.values():
        page.wait_for_function("() => window.jupyterapp !== undefined", timeout=START_TIMEOUT * 1000)
        page.evaluate("() => window.jupyterapp.restored")
    return {name: Learner(name, page) for name, page in pages.items()}
