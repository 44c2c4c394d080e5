"""kernels/fork/ only makes kernels quicker: without it `check`, `watch` and a sandboxed `grade` say the same."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from course_app import manifest
from course_app.nb.cells import Notebook
from course_app.nb.files import dumps, write
from tests.grading.hostile import code  # noqa: F401  -- it registers its stories
from tests.grading.hostile.story import LETTERS, STORIES
from tests.project.test_floors import edges
from tests.support.paths import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")
PATIENCE = 300
DELETED = "this installation has no course_app/kernels/fork"
WRONG = "once_app = FastAPI()"
HOSTILE = ("looks_for_solutions", "names_a_socket_of_the_host", "reads_every_environment")
EXPECTED_MARKS = {
    "ada": [LETTERS[letter] for letter in "PPPPP"],
    "bob": [LETTERS[letter] for letter in "FPPPP"],
    **{name: [LETTERS[letter] for letter in STORIES[name].outcomes] for name in HOSTILE},
}

Outcomes = dict[str, tuple[str, str]]


@pytest.fixture(scope="module")
def stripped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder to import from, with a copy of the package that has no kernels/fork."""
    place = tmp_path_factory.mktemp("stripped")
    shutil.copytree(ROOT / "course_app", place / "course_app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.rmtree(place / "course_app" / "kernels" / "fork")
    return place


@pytest.fixture
def packages(stripped: Path) -> dict[str, Path]:
    """Return the folders to import the package from, and why its kernels are started."""
    return {"": ROOT, DELETED: stripped}


@pytest.fixture
def folder(tmp_path: Path, fresh: Notebook) -> Path:
    """Return a course folder without the package, with an untouched exercise 02."""
    shutil.copytree(ROOT / "solutions", tmp_path / "course" / "solutions")
    (tmp_path / "course" / "exercises").mkdir()
    shutil.copy(ROOT / manifest.FILE_NAME, tmp_path / "course")
    write(tmp_path / "course" / "exercises" / "03_echo.ipynb", fresh)
    return tmp_path / "course"


def command(package: Path, folder: Path, *words: str) -> tuple[list[str], dict[str, Any]]:
    env = {**os.environ, "PYTHONPATH": str(package), "COURSE_ROOT": str(folder), "PYTHONUNBUFFERED": "1"}
    return [sys.executable, "-m", "course_app.cli", *words], {"cwd": folder, "env": env, "text": True}


def run(package: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    argv, options = command(package, folder, *words)
    return subprocess.run(argv, capture_output=True, timeout=PATIENCE, **options)


def outcomes(result: dict[str, Any]) -> Outcomes:
    return {one["task"]: (one["outcome"], one["diagnosis"]) for one in result["verdicts"]}


def test_check_says_the_same_of_a_right_and_of_a_wrong_answer(packages, folder, solved, put):
    write(folder / "right.ipynb", solved)
    write(folder / "wrong.ipynb", put(echo_1_stub=WRONG))
    found = {}
    for reason, package in packages.items():
        done = run(package, folder, "check", "--json", "right.ipynb", "wrong.ipynb")
        assert done.returncode == 1, done.stderr
        rows = json.loads(done.stdout)
        assert [row["cold"] for row in rows] == [reason, reason]
        found[reason] = [outcomes(row) for row in rows]
    assert found[""] == found[DELETED]
    right, wrong = found[DELETED]
    assert {outcome for outcome, _ in right.values()} == {"passed"}
    assert wrong == {**right, "echo.1": ("failed", "echo.1.no-route")}


def test_watch_says_the_same_of_a_save(packages, folder, fresh, put):
    said = {reason: watched(package, folder, fresh, put(echo_1_stub=WRONG)) for reason, package in packages.items()}
    assert said[""] == said[DELETED]
    assert "4 of 5" in said[DELETED] and "echo.1" in said[DELETED]


def watched(package: Path, folder: Path, before: Notebook, after: Notebook) -> str:
    """Return what `course watch` writes of the exercise that is saved while it runs, without the time that it took."""
    exercise = folder / "exercises" / "03_echo.ipynb"
    write(exercise, before)
    argv, options = command(package, folder, "watch", "echo")
    session = subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options
    )
    try:
        lines = iter(lambda: session.stdout.readline() if session.stdout else "", "")
        until(lines, lambda line: line.startswith("Next:"))
        write(exercise, after)
        block = until(lines, lambda line: line.startswith("Next:"))
        session.send_signal(signal.SIGINT)
        assert session.wait(PATIENCE) == 0
    finally:
        session.kill()
        session.communicate()
    headline, *rest = block
    assert headline.endswith(" s\n")
    return "".join([headline.rpartition("  ")[0], "\n", *rest])


def until(lines: Any, last: Callable[[str], bool]) -> list[str]:
    block = []
    for line in lines:
        block.append(line)
        if last(line):
            return block
    raise AssertionError(f"watch has ended: {block}")


def test_a_sandboxed_grade_gives_the_same_marks(packages, folder, solved, put):
    submissions = folder.parent / "in"
    for name, notebook in (("ada", solved), ("bob", put(echo_1_stub=WRONG))):
        (submissions / name).mkdir(parents=True)
        (submissions / name / "03_echo.ipynb").write_text(dumps(notebook), encoding="utf-8")
    for name in HOSTILE:
        (submissions / name).mkdir()
        STORIES[name].make(submissions / name)
    found = {}
    for number, (reason, package) in enumerate(packages.items()):
        out = folder.parent / f"out{number}"
        done = run(package, folder, "grade", str(submissions), "--out", str(out), "--jobs", "2", "--timeout", "4")
        assert done.returncode == 0, done.stderr
        book = json.loads((out / "grades.json").read_text(encoding="utf-8"))
        assert book["sandboxed"] is True
        results = {row["student"]: row["submissions"][0]["result"] for row in book["students"]}
        assert {result["cold"] for result in results.values()} == {reason}
        found[reason] = {name: outcomes(result) for name, result in results.items()}
    assert found[""] == found[DELETED]
    marks = {name: [outcome for outcome, _ in found[DELETED][name].values()] for name in found[DELETED]}
    assert marks == EXPECTED_MARKS


def test_a_folder_in_which_only_compiled_modules_are_left_counts_as_deleted(stripped, folder):
    left = stripped / "course_app" / "kernels" / "fork" / "__pycache__"
    left.mkdir(parents=True)
    source = "from course_app.kernels import launch; print(launch.fork_client)"
    try:
        env = {**os.environ, "PYTHONPATH": str(stripped)}
        done = subprocess.run([sys.executable, "-c", source], cwd=folder, env=env, capture_output=True, text=True)
    finally:
        shutil.rmtree(left.parent)
    assert done.stdout == "None\n", done.stderr


def test_only_launch_imports_it():
    package = "course_app.kernels.fork"
    importers = {module for module, target in edges() if target.startswith(package)}
    assert {module for module in importers if not module.startswith(package)} == {"course_app.kernels.launch"}
