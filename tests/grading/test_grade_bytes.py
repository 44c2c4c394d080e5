"""One submission: bytes in, a verdict out, and no mark lost to a busy machine."""

from __future__ import annotations

import json

import pytest

from course_app.grading.grade_bytes import Options, grade_bytes
from course_app.nb.cells import Notebook

pytestmark = pytest.mark.integration

SLOW = """
import asyncio

once_app = FastAPI()

@once_app.websocket("/ws")
async def once(websocket: WebSocket):
    await websocket.accept()
    text = await websocket.receive_text()
    await asyncio.sleep(0.75)
    await websocket.send_text(f"Message text was: {text}")
    await websocket.close()
"""


def graded(course, notebook: Notebook, **options):
    data = json.dumps(notebook).encode()
    return grade_bytes(course, "echo", data, "echo.ipynb", Options(sandbox=None, **options))["result"]


def outcomes(result) -> list[str]:
    return [verdict["outcome"] for verdict in result["verdicts"]]


def test_what_fails_is_judged_again_with_more_patience(course, put):
    result = graded(course, put(echo_1_stub=SLOW), patience=0.5)
    assert outcomes(result) == ["passed"] * 5
    assert result["validated"] and result["mismatches"] == ()
    assert result["repairs"] == ("echo.1 passed when it was judged a second time",)


def test_a_wrong_answer_is_wrong_twice(course, put):
    result = graded(course, put(echo_1_stub=SLOW.replace("Message text was", "You said")), patience=2.0)
    assert outcomes(result) == ["failed", *["passed"] * 4]
    assert (result["validated"], result["repairs"]) == (False, ())
    assert result["seconds"]["second try"] > 0


def test_what_stopped_the_kernel_or_raised_is_not_tried_again(course, put):
    for source in ("import os; os._exit(5)", "once_app = ("):
        result = graded(course, put(echo_1_stub=source))
        assert outcomes(result)[0] == "failed"
        assert "second try" not in result["seconds"]
