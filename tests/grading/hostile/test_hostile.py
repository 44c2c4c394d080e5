"""Nothing that is handed in gets a mark it does not deserve, stops the batch, or costs its neighbour one."""

from __future__ import annotations

import json
from pathlib import Path

import psutil
import pytest

from . import code, notebooks  # noqa: F401  -- they register their stories
from .conftest import Graded
from .story import LETTERS, SOLVED, STORIES


def test_there_are_enough_of_them() -> None:
    assert len(STORIES) >= 40


@pytest.mark.parametrize("name", sorted(STORIES))
def test_outcome(name: str, graded: Graded) -> None:
    story, row = STORIES[name], graded.rows[name]
    (submission,) = row["submissions"]
    result = submission["result"] or {"verdicts": [], "repairs": [], "stopped": ""}
    assert submission["failed"] == ""
    assert [one["outcome"] for one in result["verdicts"]] == [LETTERS[letter] for letter in story.outcomes], submission
    assert bool(submission["problem"]) is not bool(story.outcomes), submission
    said = [submission["problem"], result["stopped"], *result["repairs"]]
    said += [str(one[key]) for one in result["verdicts"] for key in ("diagnosis", "message", "received")]
    assert story.says in "\n".join(said), said
    if story.never:
        assert story.never not in json.dumps(submission) or story.never.startswith("<")
        for page in (graded.out / "report.html", graded.out / "feedback" / f"{name}.html"):
            assert story.never not in page.read_text(encoding="utf-8")


def test_good_submissions_beside_them_get_full_marks(graded: Graded) -> None:
    assert len(graded.good) >= 10
    assert {one["total"] for one in graded.good} == {graded.book["max"]}


def test_every_submission_is_one_row_in_every_report(graded: Graded) -> None:
    lines = (graded.out / "grades.csv").read_text(encoding="utf-8").splitlines()
    assert sorted(line.split(",")[0] for line in lines[1:]) == sorted(graded.rows)
    assert {path.stem for path in (graded.out / "feedback").iterdir()} == set(graded.rows)


def test_the_reports_say_that_there_was_a_sandbox(graded: Graded) -> None:
    assert graded.book["sandboxed"] is True
    assert "Not sandboxed" not in (graded.out / "report.html").read_text(encoding="utf-8")


def test_no_process_socket_or_folder_is_left(graded: Graded) -> None:
    assert not list(graded.out.parent.parent.glob("course-k-*"))
    left = [
        one.info["cmdline"]
        for one in psutil.process_iter(["cmdline"])
        if "time.sleep(4711)" in str(one.info["cmdline"])
    ]
    assert not left


def test_the_solution_would_have_passed_where_the_attacks_did_not(graded: Graded) -> None:
    """The attacks fail for what they do, not for a grader that fails all."""
    assert any(one["id"] == "echo-1-stub" for one in SOLVED["cells"])
    assert graded.rows["outputs_cleared"]["total"] == graded.book["max"]
    assert Path(graded.out / "junit.xml").stat().st_size > 1000
