"""The wheel holds every file that a module reads from beside itself."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.integration

CODE_ONLY = {".pyc"}


def test_the_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    built = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("course_app/")}
    ours = (path for path in (ROOT / "course_app").rglob("*") if path.is_file() and path.suffix not in CODE_ONLY)
    assert packed == {path.relative_to(ROOT).as_posix() for path in ours}
    assert "course_app/grading/reports/templates/report.html.jinja" in packed
