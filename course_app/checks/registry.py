"""Which coroutine checks which task."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ..errors import CourseError

if TYPE_CHECKING:
    from .context import CheckContext

Check = Callable[["CheckContext"], Awaitable[None]]
_checks: dict[str, Check] = {}


def task(task_id: str) -> Callable[[Check], Check]:
    """Register the decorated coroutine as the check of that task."""

    def register(check: Check) -> Check:
        _checks[task_id] = check
        return check

    return register


def find(task_id: str) -> Check:
    """Return the check of a task, importing its exercise's module. Raises CourseError where there is none."""
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
