"""Requirements: each sentence of an ask is tested by an answer that breaks it alone, and each answer belongs to one."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_app.authoring.requirements import ask_of, lint_requirements, load_requirements
from course_app.manifest import Course
from course_app.nb.files import read

WRONG = "1__wrong-sum__too_small.py"


@pytest.fixture
def folder(sums: Course) -> Path:
    """The answers of the course `sums`: one wrong and one right answer of its first task, every sentence accounted."""
    folder = sums.root / "tests" / "answers" / "sums"
    folder.mkdir(parents=True)
    for name in (WRONG, "1__right__as_a_loop.py"):
        (folder / name).write_text("total = 1\n", encoding="utf-8")
    return folder


def accounted(course: Course) -> str:
    """Return entries that name every sentence of every task as background."""
    solution = read(course.solution_path(course.lesson("sums")))
    return "".join(
        f"\n[[background]]\ntask = {task.id.rpartition('.')[2]}\nask = {sentence!r}\n"
        for task in course.lesson("sums").tasks
        for sentence in ask_of(task, solution)
    )


def messages(course: Course) -> list[str]:
    return [f"{finding.cell}: {finding.message}" for result in lint_requirements(course) for finding in result.findings]


def test_a_course_without_answers_has_no_findings(sums: Course) -> None:
    assert lint_requirements(sums) == []


def test_a_missing_file_is_named(sums: Course, folder: Path) -> None:
    assert messages(sums) == [": the file is missing: write the requirements of each task into it"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[requirement]", "cannot be read"),
        ("[[requirement]]\ntask = 1\n", "an entry has no 'id'"),
        ("[[requirements]]\ntask = 1\n", "unknown table 'requirements'"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(sums: Course, folder: Path, text: str, message: str) -> None:
    (folder / "requirements.toml").write_text(text, encoding="utf-8")
    (found,) = messages(sums)
    assert message in found and "\n" not in found


def test_a_sentence_without_a_requirement_and_an_answer_without_one_are_named(sums: Course, folder: Path) -> None:
    (folder / "requirements.toml").write_text("", encoding="utf-8")
    found = messages(sums)
    assert f"{WRONG}: this wrong answer breaks no requirement; name it in the `broken_by` of one" in found
    assert any(message.startswith("sums.1: no requirement tests") for message in found)
    assert not any("right" in message for message in found)


def test_a_file_in_which_everything_is_accounted_for_has_no_findings(sums: Course, folder: Path) -> None:
    solution = read(sums.solution_path(sums.lesson("sums")))
    sentence = ask_of(sums.task("sums.1"), solution)[0]
    entry = f'[[requirement]]\ntask = 1\nid = "sum"\nask = {sentence!r}\nbroken_by = ["{WRONG}"]\n'
    (folder / "requirements.toml").write_text(accounted(sums) + entry, encoding="utf-8")
    assert messages(sums) == []
    assert load_requirements(folder / "requirements.toml").requirements[0].broken_by == (WRONG,)


@pytest.mark.parametrize(
    ("broken_by", "message"),
    [
        ("[]", "no answer breaks this requirement alone"),
        ('["1__gone__story.py"]', "there is no answer '1__gone__story.py'"),
        ('["1__right__as_a_loop.py"]', "is no wrong answer of task 1"),
    ],
)
def test_a_requirement_without_an_answer_is_named(sums: Course, folder: Path, broken_by: str, message: str) -> None:
    entry = f'[[requirement]]\ntask = 1\nid = "sum"\nask = "never said"\nbroken_by = {broken_by}\n'
    (folder / "requirements.toml").write_text(accounted(sums) + entry, encoding="utf-8")
    found = messages(sums)
    assert any(line.startswith("1.sum: ") and message in line for line in found)
    assert "sums.1: the ask does not say 'never said'; quote one of its sentences" in found
