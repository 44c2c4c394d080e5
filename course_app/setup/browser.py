"""The browser that the tests drive: found where it is installed, installed where it is missing."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from ..errors import CourseError
from . import apt

VARIABLE = "COURSE_BROWSER"
ON_PATH = (
    "chromium",
    "google-chrome",
    "google-chrome-stable",
    "chromium-browser",
    "chrome",
    "microsoft-edge",
    "msedge",
)
ELSEWHERE = {
    "Darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    "Windows": (
        "%ProgramFiles%/Google/Chrome/Application/chrome.exe",
        "%ProgramFiles(x86)%/Google/Chrome/Application/chrome.exe",
        "%LocalAppData%/Google/Chrome/Application/chrome.exe",
        "%ProgramFiles(x86)%/Microsoft/Edge/Application/msedge.exe",
    ),
}
# A test browser talks to this machine alone: no updates, no sync, no search for hosts elsewhere.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)


def find_browser() -> Path | None:
    """Return the executable of an installed Chromium, Chrome or Edge, or of Playwright's own download, or None.

    $COURSE_BROWSER names one and goes first. Raises CourseError when it names a file that is not there.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise CourseError(f"{VARIABLE} names {named}, which is not there; unset it, or name a browser's executable")
        return Path(named)
    on_path = (shutil.which(name) for name in ON_PATH)
    elsewhere = (os.path.expandvars(name) for name in ELSEWHERE.get(platform.system(), ()))
    for candidate in (*on_path, *elsewhere):
        if candidate and Path(candidate).is_file():
            return Path(candidate)
    return _downloaded()


def launch_options(executable: Path) -> dict[str, object]:
    """Return the options of Playwright's `chromium.launch` for that executable."""
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    # Chromium refuses its own sandbox to root.
    return {
        "executable_path": str(executable),
        "args": list(QUIET),
        "chromium_sandbox": not as_root and os.name == "posix",
    }


def ensure_browser() -> Path:
    """Return a browser's executable; install one where there is none. Raises CourseError when that fails.

    Debian's package where it can be installed, Playwright's own download elsewhere.
    """
    found = find_browser()
    if found:
        return found
    _install()
    found = find_browser()
    if not found:
        raise CourseError(f"no browser could be installed; install Chromium or Chrome, or name one in {VARIABLE}")
    return found


def _install() -> None:
    # Ubuntu's package is a snap, which no test can drive.
    if apt.distribution() == "debian" and apt.why_not() is None:
        print("no browser found; installing chromium with apt-get", flush=True)
        apt.install(["chromium", "fonts-dejavu-core"])
    else:
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        print(f"no browser found; {' '.join(command)}", flush=True)
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False)


def _downloaded() -> Path | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.is_file() else None
