"""The real nbgrader takes our solution notebooks as they are: it makes the same exercise, and marks it alike."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from course_app import manifest
from course_app.nb import files
from course_app.nb.cells import STUB, Notebook, is_code, is_solution
from course_app.nb.cells import nbgrader as nbgrader_mark
from course_app.nb.derive import answer_only, derive
from tests.support.paths import ROOT

pytestmark = pytest.mark.integration

QUICK = ROOT / "tests" / "fixtures" / "quick"
CONFIG = f"""\
c = get_config()
c.CourseDirectory.course_id = "course"
c.ClearSolutions.code_stub = {{"python": {STUB!r}}}
c.ClearSolutions.begin_solution_delimeter = "### BEGIN SOLUTION"
c.ClearSolutions.end_solution_delimeter = "### END SOLUTION"
c.ExecutePreprocessor.timeout = 120
"""


class Nbgrader:
    """A course folder of nbgrader's, with one assignment, `all`, of several notebooks."""

    def __init__(self, root: Path, course_root: Path) -> None:
        self.root = root
        venv = Path(sys.executable).parent  # nbgrader calls alembic by its name
        self.env = {**os.environ, "COURSE_ROOT": str(course_root), "PATH": f"{venv}{os.pathsep}{os.environ['PATH']}"}
        self.env |= {"PYTHONPATH": str(QUICK)}
        self.env |= {
            name: str(root / name) for name in ("HOME", "IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR")
        }
        root.mkdir()
        (root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")

    def run(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "nbgrader", *arguments]
        done = subprocess.run(command, cwd=self.root, env=self.env, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr

    def put(self, folder: str, notebooks: dict[str, Notebook]) -> None:
        (self.root / folder).mkdir(parents=True)
        for stem, nb in notebooks.items():
            files.write(self.root / folder / f"{stem}.ipynb", nb)

    def get(self, folder: str, stems: Iterable[str]) -> dict[str, Notebook]:
        return {stem: files.read(self.root / folder / f"{stem}.ipynb") for stem in stems}

    def grades(self) -> dict[str, tuple[float, float]]:
        """Return every student's points, and how many there were to be had."""
        self.run("export", "--to", "grades.csv")
        with (self.root / "grades.csv").open(newline="", encoding="utf-8") as table:
            return {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(table)}


def solutions() -> dict[str, Notebook]:
    """Return the solutions of the small course and of the course itself, by stem."""
    courses = [manifest.load(ROOT), manifest.load(ROOT / "tests" / "fixtures" / "sums")]
    return {one.stem: files.read(course.solution_path(one)) for course in courses for one in course.exercises}


def test_nbgrader_releases_what_we_derive_and_marks_it_as_we_do(tmp_path: Path) -> None:
    ours = solutions()
    nbgrader = Nbgrader(tmp_path / "nbgrader", ROOT)
    nbgrader.put("source/all", ours)
    nbgrader.run("generate_assignment", "all", "--create")
    released = nbgrader.get("release/all", ours)
    for stem, solution in ours.items():
        _same_exercise(released[stem], derive(solution))

    nbgrader.put("submitted/right/all", {stem: answer_only(solution) for stem, solution in ours.items()})
    nbgrader.put("submitted/fresh/all", released)
    nbgrader.run("autograde", "all", "--create")
    worth = sum(_points(solution) for solution in ours.values())
    assert nbgrader.grades() == {"right": (worth, worth), "fresh": (0, worth)}
    graded = nbgrader.get("autograded/right/all", ours)
    assert {stem: _kept(nb) for stem, nb in graded.items()} == {stem: _kept(nb) for stem, nb in ours.items()}


def _same_exercise(theirs: Notebook, ours: Notebook) -> None:
    assert _kept(theirs) == _kept(ours)
    assert [cell["source"] for cell in theirs["cells"]] == [cell["source"] for cell in ours["cells"]]
    assert all(cell["outputs"] == [] for cell in theirs["cells"] if is_code(cell))
    for one, two in zip(theirs["cells"], ours["cells"], strict=True):
        assert nbgrader_mark(one).items() >= nbgrader_mark(two).items()
    assert any(STUB in cell["source"] for cell in theirs["cells"] if is_solution(cell))


def _kept(nb: Notebook) -> list[tuple[str, object]]:
    return [(cell["id"], cell["metadata"].get("course")) for cell in nb["cells"]]


def _points(nb: Notebook) -> float:
    return float(sum(nbgrader_mark(cell).get("points", 0) for cell in nb["cells"]))
