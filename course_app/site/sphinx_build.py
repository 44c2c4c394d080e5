"""The website: staged, then built by Sphinx."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from ..errors import CourseError
from ..manifest import Course
from ..storage import STATE_FOLDER
from .sphinx_source import stage


def build_site(course: Course, out: Path, repository: str = "") -> list[str]:
    """Write the pages into `out` and return Sphinx's warnings, one line each.

    `repository` is as for `stage`. Raises CourseError where Sphinx is missing or fails.
    """
    staged = course.root / STATE_FOLDER / "site"
    stage(course, staged, repository)
    built = course.root / STATE_FOLDER / "built-site"
    shutil.rmtree(built, ignore_errors=True)
    pages = built / "html"  # MyST-NB leaves a folder beside it
    options = ["-q", "-b", "html", "-j", "auto", "-d", str(built / "doctrees")]
    command = [sys.executable, "-m", "sphinx", *options, str(staged), str(pages)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600)
    messages = [line.replace(f"{staged}/", "") for line in ran.stderr.splitlines() if line.strip()]
    if "No module named sphinx" in ran.stderr:
        raise CourseError("the site needs Sphinx: run `make site`, which installs what requirements-test.lock names")
    if ran.returncode:
        raise CourseError(f"Sphinx failed: {messages[-1] if messages else f'exit code {ran.returncode}'}")
    shutil.copytree(pages, out, dirs_exist_ok=True)
    return [line for line in messages if "WARNING" in line or "ERROR" in line]


def repository_of(course: Course) -> str:
    """Return the address of the clone's origin as https, or an empty text where there is none."""
    ran = subprocess.run(
        ["git", "-C", str(course.root), "remote", "get-url", "origin"], capture_output=True, text=True, timeout=10
    )
    return ran.stdout.strip().replace("git@github.com:", "https://github.com/") if ran.returncode == 0 else ""
