"""The last part of `course test` tells how much of the package is covered, and fails below the floor."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from course_app.setup.test_parts import COVERAGE_DATA
from tests.support.paths import ROOT

MODULE = """
def half(number):
    if number > 0:
        return "positive"
    return "negative"
"""


def measured(folder: Path, floor: int, measure: bool = True) -> subprocess.CompletedProcess[str]:
    """Measure a package of which two thirds are covered, and return what the report says."""
    (folder / "course_app").mkdir()
    (folder / "course.toml").touch()
    (folder / "course_app" / "__init__.py").write_text(MODULE, encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        f"[tool.coverage.run]\nbranch = true\nsource = ['course_app']\nparallel = true\n"
        f"data_file = '{COVERAGE_DATA}/data'\n[tool.coverage.report]\nfail_under = {floor}\n",
        encoding="utf-8",
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    if measure:
        words = [sys.executable, "-c", "import sys; sys.path.insert(0, '.'); import course_app; course_app.half(1)"]
        variables = environment | {"COVERAGE_PROCESS_START": str(folder / "pyproject.toml")}
        subprocess.run(words, cwd=folder, env=variables, check=True)
    words = [sys.executable, "-m", "course_app.setup.coverage_report"]
    variables = environment | {"COURSE_ROOT": str(folder), "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
    return subprocess.run(words, cwd=folder, env=variables, capture_output=True, text=True, check=False)


def test_the_share_is_told_with_its_floor_and_by_file(tmp_path: Path) -> None:
    done = measured(tmp_path, 60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("66.7 % of lines and branches are covered, the floor is 60 %")
    assert "__init__.py" in (tmp_path / COVERAGE_DATA / "by_file.txt").read_text(encoding="utf-8")


def test_below_the_floor_it_fails(tmp_path: Path) -> None:
    done = measured(tmp_path, 70)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "add tests for what you added; the floor in pyproject.toml only rises"


def test_where_nothing_was_measured_it_says_so(tmp_path: Path) -> None:
    done = measured(tmp_path, 60, measure=False)
    assert done.returncode == 2
    assert done.stderr == "course: no coverage was measured: run `course test` without naming parts\n"


def test_the_project_has_a_floor() -> None:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert 50 <= table["tool"]["coverage"]["report"]["fail_under"] <= 100
