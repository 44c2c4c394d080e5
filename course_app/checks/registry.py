"""Which coroutine checks which task.

    @task("echo.1")
    async def answers_one_message(context: CheckContext) -> None: ...

Exercises register their checks when they are imported; this module imports none of them by name.
"""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable

from ..errors import CourseError
from .context import CheckContext

Check = Callable[[CheckContext], Awaitable[None]]
"""Plays one task's dialogue. It returns where the answer is right, and raises CheckFailed where it is wrong."""

_checks: dict[str, Check] = {}


def task(task_id: str) -> Callable[[Check], Check]:
    """Register the decorated coroutine function as the check of that task, such as `echo.1`."""

    def register(check: Check) -> Check:
        _checks[task_id] = check
        return check

    return register


def find(task_id: str) -> Check:
    """Return the check of a task.

    Imports the exercise: the module `exercises/<slug>.py`, or the package `exercises/<slug>/`, whose `__init__` imports
    the modules that hold its checks.
    Raises CourseError where the exercise has no module, or the task no check.
    """
    slug = task_id.rpartition(".")[0]
    try:
        importlib.import_module(f"{__package__}.exercises.{slug}")
    except ModuleNotFoundError as error:
        if error.name != f"{__package__}.exercises.{slug}":
            raise
        raise CourseError(f"exercise {slug!r} has no checks; add course_app/checks/exercises/{slug}.py") from error
    if task_id not in _checks:
        raise CourseError(f"task {task_id!r} has no check; add one to course_app/checks/exercises/{slug}.py")
    return _checks[task_id]
