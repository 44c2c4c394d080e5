"""One task, from its check to its verdict."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from ..errors import CourseError
from ..manifest import Task
from ..messages import diagnosis
from ..messages import mistake as mistake_text
from .backend import AnswerUnusable, Backend
from .common_mistakes import Mistake, find_mistake
from .context import CheckContext
from .failures import CheckFailed
from .registry import find
from .verdict import Outcome, Verdict

logger = logging.getLogger(__name__)

LIMIT = 20.0  # seconds that one check may last in all


async def run_check(task: Task, backend: Backend, limit: float = LIMIT, source: str = "") -> Verdict:
    """Play the task's check against the answer behind `backend`, for `limit` seconds at most, and return the verdict.

    `source` is the code of the answer, where it is known: a common mistake that it proves is named before all others.
    A wrong answer is a verdict, never an exception; so is an answer that cannot be served or that hangs.
    The clients are disconnected and the backend is closed before this returns.
    Raises CourseError where the task has no check, or a diagnosis no text: a fault of the course.
    """
    check = find(task.id)
    context = CheckContext(task.target, backend)
    began = time.perf_counter()
    outcome, name, fields = Outcome.PASSED, "", dict[str, Any]()
    try:
        async with asyncio.timeout(limit):
            await check(context)
    except CheckFailed as wrong:
        outcome, name, fields = (Outcome.TIMED_OUT if wrong.waited else Outcome.FAILED), wrong.diagnosis, wrong.fields
    except AnswerUnusable as unusable:
        outcome, name, fields = Outcome.FAILED, unusable.diagnosis, unusable.fields
    except TimeoutError:
        outcome, name, fields = Outcome.TIMED_OUT, "too-long", {"seconds": limit}
    except CourseError as error:
        outcome, name, fields = Outcome.FAILED, "not-served", {"error": error}
    except Exception as error:  # an answer can send anything: the outcome is a verdict for this task all the same
        logger.exception("the check of %s met something unexpected", task.id)
        outcome, name, fields = Outcome.FAILED, "check-error", {"error": f"{type(error).__name__}: {str(error)[:200]}"}
    finally:
        received = context.received
        mistake = None if outcome is Outcome.PASSED else await _common_mistake(source, backend, received)
        await context.close()
        await backend.close()
    passed = outcome is Outcome.PASSED
    return Verdict(
        task=task.id,
        outcome=outcome,
        diagnosis=f"{task.id}.{name}" if name else "",
        message="" if passed else _message(task, name, fields, mistake),
        expected="" if passed else str(context.expected),
        received="" if passed else received,
        seconds=time.perf_counter() - began,
        mistake=mistake.name if mistake else "",
    )


async def _common_mistake(source: str, backend: Backend, received: str) -> Mistake | None:
    if not source:
        return None
    try:
        logs = await backend.logs()
    except (CourseError, TimeoutError, OSError):  # the kernel may be gone
        logs = []
    return find_mistake(source, logs, received)


def _message(task: Task, name: str, fields: dict[str, Any], mistake: Mistake | None) -> str:
    if mistake is not None:
        return mistake_text(mistake.name, **mistake.fields)
    return diagnosis(task.id, name, **{"target": task.target, **fields})
