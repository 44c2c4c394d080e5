"""The display of `course watch`: drawn anew on a terminal, one block after the other elsewhere."""

from __future__ import annotations

from typing import TextIO

from ..display.progress_bar import progress_bar
from ..grading.result import Result
from ..manifest import Course, Lesson
from .verdict_text import dim, verdict_lines

_KEYS = "h hint · n next · l list · r reset · q quit"


class Screen:
    """A display on the text stream `out`. `keyed`: whether keys are read, so that the last line names them."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.keyed = False
        self.terminal = out.isatty()
        self._body: list[str] = []
        self._note = ""

    def busy(self, lesson: Lesson) -> None:
        """Show that an exercise is being checked; on a terminal only."""
        if self.terminal and not self._body:
            self._body = [f"{lesson.stem}  checking …"]
            self._draw()
        elif self.terminal:
            self.out.write("\x1b[H\x1b[2Kchecking …")
            self.out.flush()

    def result(self, course: Course, lesson: Lesson, result: Result, seconds: float) -> None:
        """Show every task, the first that did not pass in full, and what to do next."""
        passed = sum(verdict.passed for verdict in result.verdicts)
        bar = progress_bar(passed, len(result.verdicts)) if self.terminal else ""
        self._body = [f"{lesson.stem}  {bar}  {passed} of {len(result.verdicts)}  {seconds:.2f} s", ""]
        explained = False
        for verdict in result.verdicts:
            self._body += verdict_lines(verdict, self.terminal, whole=not explained)
            explained = explained or bool(verdict.message)
        if result.stopped:
            self._body += ["", f"stopped at {result.stopped}"]
        self._body += [f"note: {line}" for line in result.repairs]
        self._body += ["", next_step(course, lesson, result)]
        self._note = ""
        self._draw()

    def problem(self, lesson: Lesson, message: str) -> None:
        """Show why an exercise could not be checked."""
        self._body, self._note = [lesson.stem, "", message, "", "Waiting for the next save."], ""
        self._draw()

    def note(self, text: str) -> None:
        """Show a text below the verdicts until the next one comes."""
        self._note = text
        self._draw()

    def _draw(self) -> None:
        lines = [*self._body, *(["", self._note] if self._note else [])]
        if self.keyed:
            lines += ["", dim(_KEYS, self.terminal)]
        self.out.write(("\x1b[2J\x1b[3J\x1b[H" if self.terminal else "") + "\n".join(lines) + "\n")
        self.out.flush()


def next_step(course: Course, lesson: Lesson, result: Result) -> str:
    """Return the learner's next step: a task of this exercise, or the file to open after all required ones passed."""
    stretch = {task.id for task in lesson.tasks if task.stretch}
    left = [verdict.task for verdict in result.verdicts if not verdict.passed]
    needed = [task for task in left if task not in stretch]
    if needed:
        task = course.task(needed[0])
        return f"Next: {task.id}, {task.title}, in exercises/{lesson.stem}.ipynb"
    extra = f" {left[0]} is a stretch, if you like." if left else ""
    later = [other for other in course.lessons if other.number > lesson.number]
    if not later:
        return f"Every task of {lesson.stem} passes.{extra} That was the last lesson."
    return f"Every task of {lesson.stem} passes.{extra} Next: open notebooks/{later[0].stem}.ipynb"
