"""The display of `course watch`: the verdicts, the first diagnosis in full, and the next step."""

from __future__ import annotations

import io

from course_app.checks.verdict import Outcome, Verdict
from course_app.cli.watch_screen import Screen, next_step
from course_app.grading.result import Result
from course_app.manifest import Course, Lesson


class Terminal(io.StringIO):
    """A text stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def result(echo: Lesson, *wrong: str) -> Result:
    """Return a result in which the tasks `wrong` failed and all others passed."""
    verdicts = [
        Verdict(task.id, Outcome.FAILED, "x", f"{task.id} is wrong", "> sent", "< got")
        if task.id in wrong
        else Verdict(task.id, Outcome.PASSED)
        for task in echo.tasks
    ]
    return Result(echo.stem, tuple(verdicts), True)


def test_only_the_first_wrong_answer_has_transcripts(course: Course, echo: Lesson) -> None:
    out = io.StringIO()
    Screen(out).result(course, echo, result(echo, "echo.1", "echo.2"), 0.25)
    text = out.getvalue()
    assert text.startswith("03_echo    3 of 5  0.25 s\n")
    assert "echo.1 is wrong" in text and "echo.2 is wrong" in text and text.count("> sent") == 1
    assert "\x1b" not in text and "█" not in text and "q quit" not in text


def test_a_terminal_is_cleared_and_gets_a_bar_and_the_keys(course: Course, echo: Lesson) -> None:
    out = Terminal()
    screen = Screen(out)
    screen.keyed = True
    screen.result(course, echo, result(echo, "echo.1"), 0.25)
    text = out.getvalue()
    assert text.startswith("\x1b[2J") and "████████████████░░░░  4 of 5" in text and "q quit" in text


def test_a_note_stands_below_until_the_next_result(course: Course, echo: Lesson) -> None:
    out = io.StringIO()
    screen = Screen(out)
    screen.result(course, echo, result(echo), 0.1)
    screen.note("a hint")
    assert out.getvalue().endswith("\n\na hint\n")
    screen.result(course, echo, result(echo), 0.1)
    assert not out.getvalue().endswith("a hint\n")


def test_a_problem_takes_the_place_of_the_verdicts(echo: Lesson) -> None:
    out = io.StringIO()
    Screen(out).problem(echo, "the file is empty")
    assert out.getvalue() == "03_echo\n\nthe file is empty\n\nWaiting for the next save.\n"


def test_the_next_step_is_a_task_then_the_next_lesson(course: Course, echo: Lesson) -> None:
    assert next_step(course, echo, result(echo, "echo.2", "echo.5")).startswith("Next: echo.2, ")
    stretch = next_step(course, echo, result(echo, "echo.5"))
    assert "echo.5 is a stretch, if you like. Next: open notebooks/04_" in stretch
    last = course.lessons[-1]
    done = Result(last.stem, tuple(Verdict(task.id, Outcome.PASSED) for task in last.tasks), True)
    assert next_step(course, last, done).endswith("That was the last lesson.")
