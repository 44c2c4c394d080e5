"""`course watch`: check an exercise on each save, and show the next step."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from contextlib import suppress
from pathlib import Path

from ...checks.verdict import Verdict
from ...errors import CourseError
from ...learner.progress import PASSED, Progress, standing
from ...manifest import Course, Lesson, Task, load
from ...nb.cells import Notebook
from ..arguments import seconds
from ..keyboard import keys
from ..watch_screen import Screen

NAME = "watch"
HELP = "Check an exercise each time you save it. Keys: hint, next, list, reset, quit."

DEBOUNCE_MS = 250
_STEP_MS = 50
_READS = 4
_READ_PAUSE = 0.15


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `course watch`."""
    parser.add_argument(
        "exercise", nargs="?", help="the exercise to begin with (echo); default: the first that is not done"
    )
    parser.add_argument("--timeout", type=seconds, default=10.0, help="seconds that one cell may run (default: 10)")


def run(args: argparse.Namespace) -> int:
    """Check on each save until the learner quits. Exit code 0. Raises CourseError for an unknown exercise."""
    course = load()
    lesson = course.exercise(args.exercise) if args.exercise else first_open(course)
    folder = course.exercise_path(lesson).parent
    if not folder.is_dir():
        raise CourseError(f"{folder} is not there; `course reset {lesson.slug}` writes the exercise anew")
    try:
        asyncio.run(Watch(course, lesson, args.timeout, Screen(sys.stdout)).run())
    except KeyboardInterrupt:
        print()
    return 0


def first_open(course: Course) -> Lesson:
    """Return the first exercise with a task that has not passed, or the last one."""
    state = Progress.load(course.root)
    for lesson in course.exercises:
        if set(standing(course, lesson, state).values()) != {PASSED}:
            return lesson
    return course.exercises[-1]


class Watch:
    """One session: events come in on a queue (a save, a key), each check is a task that a newer save replaces."""

    def __init__(self, course: Course, lesson: Lesson, cell_seconds: float, screen: Screen) -> None:
        from ...kernels.prelaunch import Prelaunch

        self.course, self.lesson, self.cell_seconds, self.screen = course, lesson, cell_seconds, screen
        self.verdicts: tuple[Verdict, ...] = ()
        self._prelaunch = Prelaunch()
        self._events: asyncio.Queue[str | Path] = asyncio.Queue()
        self._checking: asyncio.Task[None] | None = None
        self._sure = False

    async def run(self) -> None:
        """Watch until `q`."""
        saves = asyncio.create_task(self._saves())
        try:
            with keys(self._events.put_nowait) as keyed:
                self.screen.keyed = keyed
                self._check()
                while not saves.done() and (event := await self._event(saves)) != "q":
                    await self._on(event)
        finally:
            saves.cancel()
            if self._checking:
                self._checking.cancel()
            await asyncio.gather(saves, *([self._checking] if self._checking else []), return_exceptions=True)
            self._prelaunch.close()

    async def _event(self, saves: asyncio.Task[None]) -> str | Path:
        getting = asyncio.ensure_future(self._events.get())
        await asyncio.wait([getting, saves], return_when=asyncio.FIRST_COMPLETED)
        if getting.done():
            return getting.result()
        getting.cancel()
        saves.result()  # raises what ended it
        return "q"

    async def _saves(self) -> None:
        from watchfiles import awatch

        known = {path.name: path for path in map(self.course.exercise_path, self.course.exercises)}
        folder = self.course.exercise_path(self.lesson).parent
        async for changes in awatch(folder, debounce=DEBOUNCE_MS, step=_STEP_MS, recursive=False):
            for name in {Path(name).name for _change, name in changes} & set(known):
                self._events.put_nowait(known[name])

    async def _on(self, event: str | Path) -> None:
        sure, self._sure = self._sure, False
        if isinstance(event, Path):
            self.lesson = next(lesson for lesson in self.course.exercises if lesson.stem == event.stem)
            self._check()
        elif event == "h":
            self._hint()
        elif event == "n":
            self._next()
        elif event == "l":
            self._list()
        elif event == "r" and sure:
            self._reset()
        elif event == "r":
            self._sure = True
            self.screen.note(f"r once more brings {self._focus_name()} back to its start; your version is kept.")
        elif event in ("\n", " "):
            self._check()

    # Checking

    def _check(self) -> None:
        if self._checking is not None:
            self._checking.cancel()
        self._checking = asyncio.create_task(self._check_now(self._checking))

    async def _check_now(self, before: asyncio.Task[None] | None) -> None:
        from ...grading.engine import judge
        from ...grading.submission import remember

        if before is not None:
            await asyncio.gather(before, return_exceptions=True)
        path, began = self.course.exercise_path(self.lesson), time.perf_counter()
        self.screen.busy(self.lesson)
        try:
            notebook = await self._read(path)
            result = await judge(
                self.course,
                self.lesson,
                notebook,
                kernel=self._prelaunch,
                name=path.name,
                cell_seconds=self.cell_seconds,
            )
        except CourseError as error:
            self.screen.problem(self.lesson, str(error))
        else:
            self.verdicts = result.verdicts
            remember(self.course, notebook, result)
            self.screen.result(self.course, self.lesson, result, time.perf_counter() - began)
        self._prelaunch.refill()

    async def _read(self, path: Path) -> Notebook:
        """Read a notebook that may be half written: what is unreadable now is read again a little later."""
        from ...grading.submission import read_submission

        for _ in range(_READS - 1):
            with suppress(CourseError):
                return read_submission(path)
            await asyncio.sleep(_READ_PAUSE)
        return read_submission(path)

    # Keys

    def _focus(self) -> Task | None:
        """The first task that has not passed."""
        passed = {verdict.task for verdict in self.verdicts if verdict.passed}
        return next((task for task in self.lesson.tasks if task.id not in passed), None)

    def _focus_name(self) -> str:
        task = self._focus()
        return task.id if task else self.lesson.stem

    def _hint(self) -> None:
        from ...learner.commands import next_hint

        task = self._focus()
        if task is None:
            self.screen.note("Every task passes; there is nothing left to hint at.")
        else:
            self.screen.note(f"{task.id}: {next_hint(Progress.load(self.course.root), task)}")

    def _next(self) -> None:
        later = [lesson for lesson in self.course.exercises if lesson.number > self.lesson.number]
        if not later:
            self.screen.note(f"{self.lesson.stem} is the last exercise.")
            return
        self.lesson, self.verdicts = later[0], ()
        self._check()

    def _list(self) -> None:
        from ...learner.commands import progress_row

        state = Progress.load(self.course.root)
        rows = []
        for lesson in self.course.exercises:
            try:
                rows.append(progress_row(self.course, lesson.slug, state))
            except CourseError as error:
                rows.append(f"{lesson.stem:18} {error}")
        self.screen.note("\n".join(rows))

    def _reset(self) -> None:
        from ...learner.reset import reset_exercise, reset_task

        task, path = self._focus(), self.course.exercise_path(self.lesson)
        try:
            kept = (
                reset_task(self.course, task) if task and path.is_file() else reset_exercise(self.course, self.lesson)
            )
        except CourseError as error:
            self.screen.note(str(error))
            return
        self.screen.note(f"Your version is in {kept.relative_to(self.course.root)}." if kept else "It is fresh again.")
