"""Checks: one module per exercise, and the scripted dialogue that they are written in.

A check is a coroutine that takes a `Stage`, registered with `@task("echo.1")`.
It plays real WebSocket clients against the learner's server, with random values, and every wait is bounded.
It raises nothing itself: `a.receives(…)`, `a.closed(…)` and `stage.fail("diagnosis-name")` end it on a wrong answer.
What is said then stands in `course_app/messages/en/<slug>.toml`.
"""

from .backend import Backend, Called, Unusable
from .context import Actor, Rule, Stage, Wrong
from .received import Got, show
from .registry import find, task
from .run import run_check
from .verdict import Outcome, Verdict

__all__ = [
    "Actor",
    "Backend",
    "Called",
    "Got",
    "Outcome",
    "Rule",
    "Stage",
    "Unusable",
    "Verdict",
    "Wrong",
    "find",
    "run_check",
    "show",
    "task",
]
