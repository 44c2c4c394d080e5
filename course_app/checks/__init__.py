"""Checks: the framework that they are written in, and one module or package per exercise in `exercises/`.

A check is a coroutine function that takes a `CheckContext`, registered with `@task("echo.1")`.
It plays real WebSocket clients against the learner's server, with random values, and every wait is bounded.
It raises nothing itself: expectations such as `await a.expect(word)` or `await a.expect_close(1003)`, and
`context.fail("diagnosis-id")`, end it on a wrong answer.
`Rule`s name the mistake by what came instead; `course_app/messages/en/<slug>.toml` has the text of each diagnosis.

    @task("echo.4")
    async def closes_on_binary(context: CheckContext) -> None:
        a = await context.connect("A")
        await a.send(context.blob())
        await a.expect_close(1003, rules=[Rule(is_lost, "lost-on-binary"), Rule(is_nothing, "ignored-binary")])

Modules, each importing only those above it:

- `failures`, `received`, `random_values`, `backend`: data that pass between the others
- `rules`: predicates on what a client received, and `Rule`
- `dialogue`: the answer, the expected transcript, and how a step fails
- `scripted_client`, `http`: one client, one HTTP request
- `context`: what a check is given
- `expectations`, `retries`, `faulty_servers`: steps that several exercises share
- `registry`, `verdict`, `run`: from a task's id to its verdict
- `local_backend`: an answer in this process
- `sources`: which files shape a verdict
"""

from .backend import AnswerUnusable, Backend, Called
from .context import CheckContext
from .failures import CheckFailed
from .received import Received, show
from .registry import find, task
from .rules import Rule
from .run import run_check
from .scripted_client import ScriptedClient
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
