"""Checks: one module per exercise, and the scripted dialogue that they are written in.

A check is a coroutine that takes a `CheckContext`, registered with `@task("echo.1")`.
It plays real WebSocket clients against the learner's server, with random values, and every wait is bounded.
It raises nothing itself: `a.receives(…)`, `a.closed(…)` and `context.fail("diagnosis-name")` end it on a wrong answer.
What is said then stands in `course_app/messages/en/<slug>.toml`.
"""

from .backend import AnswerUnusable, Backend, Called
from .context import CheckContext, CheckFailed, Rule, ScriptedClient
from .received import Received, show
from .registry import find, task
from .run import run_check
from .verdict import Outcome, Verdict

__all__ = [
    "ScriptedClient",
    "Backend",
    "Called",
    "Received",
    "Outcome",
    "Rule",
    "CheckContext",
    "AnswerUnusable",
    "Verdict",
    "CheckFailed",
    "find",
    "run_check",
    "show",
    "task",
]
