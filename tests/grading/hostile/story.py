"""A hostile submission: how it is made, and the one outcome that it may have."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_app.manifest import load
from course_app.nb.derive import derive
from course_app.nb.files import dumps, read
from tests.support.paths import ROOT

COURSE = load(ROOT)
ECHO = COURSE.lesson("echo")
SOLVED = read(COURSE.solution_path(ECHO))
FRESH = derive(SOLVED)

LETTERS = {"P": "passed", "F": "failed", "U": "not_attempted", "T": "timed_out", "N": "not_reached"}
WRONG = """\
once_app = FastAPI()


@once_app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    await websocket.receive_text()
    await websocket.send_text("wrong")
"""

Notebook = dict[str, Any]
Make = Callable[[Path], None]


@dataclass(frozen=True)
class Story:
    """`make` writes the submission into the student's folder.

    `outcomes` has a letter of LETTERS per task; it is empty for a file that is refused, and `says` is then a part of
    the reason. Otherwise `says` is a part of the first task's diagnosis or message, of a repair, or of `stopped`.
    """

    make: Make
    outcomes: str = ""
    says: str = ""
    never: str = ""


STORIES: dict[str, Story] = {}


def story(outcomes: str = "", says: str = "", never: str = "") -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register a function that returns a notebook, its bytes, or a function that writes into the student's folder."""

    def register(build: Callable[[], Any]) -> Callable[[], Any]:
        def make(folder: Path) -> None:
            made = build()
            if callable(made):
                made(folder)
                return
            data = made if isinstance(made, bytes) else dumps(made).encode()
            (folder / "03_echo.ipynb").write_bytes(data)

        name = build.__name__
        assert name not in STORIES, name
        STORIES[name] = Story(make, outcomes, says, never)
        return build

    return register


def solved() -> Notebook:
    return copy.deepcopy(SOLVED)


def cell(nb: Notebook, own: str) -> dict[str, Any]:
    return next(one for one in nb["cells"] if one["id"] == own)


def first(source: str, base: Notebook = FRESH) -> Notebook:
    """The exercise with `source` as the answer to its first task."""
    nb = copy.deepcopy(base)
    cell(nb, "echo-1-stub")["source"] = source
    return nb


def attack(source: str, answer: str = WRONG) -> Notebook:
    """A wrong answer to the first task, and code that should make it count."""
    return first(f"{answer}\n\n{source}")


def spoiled(source: str) -> Notebook:
    """The right answers, and code that breaks things where the first one stands."""
    return first(f"{cell(SOLVED, 'echo-1-stub')['source']}\n\n{source}", SOLVED)


def raw(nb: Notebook) -> bytes:
    return json.dumps(nb).encode()
