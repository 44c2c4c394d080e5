"""What a learner calls in a notebook, in a real kernel."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import nbformat
import pytest
from nbclient import NotebookClient

from course_app.learner.progress import answer_cells
from course_app.manifest import FILE_NAME, load
from course_app.nb.derive import derive
from course_app.nb.files import read
from tests.support.paths import ROOT

COURSE = load(ROOT)
LESSON = COURSE.lesson("echo")
WRONG = """
once_app = FastAPI()

@once_app.websocket("/ws")
async def once(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NotebookClient]:
    """A kernel in which the exercise's setup cell has run, in a course of its own."""
    root = tmp_path_factory.mktemp("course")
    for name in ("exercises", "solutions"):
        shutil.copytree(COURSE.root / name, root / name)
    shutil.copy(COURSE.root / FILE_NAME, root)
    client = NotebookClient(nbformat.v4.new_notebook(), timeout=30, kernel_name="python3")
    with client.setup_kernel(env={**os.environ, "COURSE_ROOT": str(root)}):
        run(client, answer_cells(read(COURSE.solution_path(LESSON)))["echo-setup"]["source"])
        yield client


def run(client: NotebookClient, source: str) -> str:
    """Run one cell and return its plain text. Fails on stderr and on an exception."""
    cell = nbformat.v4.new_code_cell(source)
    client.nb.cells.append(cell)
    client.execute_cell(cell, len(client.nb.cells) - 1)
    assert not [output for output in cell.outputs if output.get("name") == "stderr"]
    return "".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs)


def test_from_untouched_over_a_diagnosis_to_a_tick(kernel: NotebookClient) -> None:
    cells = answer_cells(derive(read(COURSE.solution_path(LESSON))))
    run(kernel, cells["echo-1-stub"]["source"])
    assert run(kernel, 'await check("echo.1")') == "○ echo.1 not attempted yet"
    run(kernel, WRONG)
    said = run(kernel, 'await check("echo.1")')
    assert said.startswith("✘ echo.1: Client A got its own text back") and "\n  expected " in said and "→" in said
    run(kernel, answer_cells(read(COURSE.solution_path(LESSON)))["echo-1-stub"]["source"])
    assert run(kernel, 'await check("echo.1")') == "✔ echo.1"


def test_a_check_leaves_no_server_behind(kernel: NotebookClient) -> None:
    run(kernel, 'await check("echo.1")')
    assert (
        run(kernel, "from course_app.serving.server import _servers; [s.name for s in _servers.values() if s.running]")
        == "[]"
    )


def test_a_task_that_does_not_exist_is_one_line(kernel: NotebookClient) -> None:
    assert run(kernel, 'await check("echo.9")').startswith("no task is called 'echo.9'; did you mean")


def test_before_the_cell_ran_the_name_is_missed(kernel: NotebookClient) -> None:
    assert "has no strict_app" in run(kernel, 'await check("echo.4")')


def test_hint_progress_and_reset_are_text(kernel: NotebookClient) -> None:
    assert run(kernel, 'hint("echo.2")') == f"{COURSE.task('echo.2').hints[0]} (1 of 3)"
    assert "03_echo" in run(kernel, "progress()")
    assert run(kernel, 'reset("echo.2")').startswith("A fresh copy of the cell")


def test_probe_never_raises_for_a_wrong_answer(kernel: NotebookClient) -> None:
    assert run(kernel, 'await probe(FastAPI(), "/ws", "hi")').endswith("= REFUSED 403")


def test_nbgrader_gets_an_exception(kernel: NotebookClient) -> None:
    run(kernel, "import os; os.environ['NBGRADER_EXECUTION'] = 'autograde'")
    code = "try:\n    await check('echo.4')\nexcept AssertionError as error:\n    print('raised')"
    try:
        assert run(kernel, code) == "raised\n"
    finally:
        run(kernel, "del os.environ['NBGRADER_EXECUTION']")


def test_an_answer_that_is_older_than_its_cell_gets_no_tick(kernel: NotebookClient) -> None:
    right = answer_cells(read(COURSE.solution_path(LESSON)))["echo-1-stub"]["source"]
    run(kernel, right)
    assert run(kernel, 'await check("echo.1")') == "✔ echo.1"
    broken = nbformat.v4.new_code_cell(f"{right}\n1 / 0")
    broken.metadata["tags"] = ["raises-exception"]
    kernel.nb.cells.append(broken)
    kernel.execute_cell(broken, len(kernel.nb.cells) - 1)
    said = run(kernel, 'await check("echo.1")')
    assert said.startswith("✘ echo.1: Your last run of the cell that defines `once_app` ended with ZeroDivisionError")
    run(kernel, right)
    assert run(kernel, 'await check("echo.1")') == "✔ echo.1"


def test_a_whole_exercise_is_checked_by_its_slug(kernel: NotebookClient) -> None:
    run(kernel, answer_cells(read(COURSE.solution_path(LESSON)))["echo-1-stub"]["source"])
    lines = run(kernel, 'await check("echo")').splitlines()
    assert lines[0] == "✔ echo.1" and [line for line in lines if "echo.5" in line]


def test_a_forgotten_await_is_said(kernel: NotebookClient) -> None:
    assert run(kernel, 'check("echo.1")') == "check(…) has not run yet: write `await check(…)`"


def test_a_common_mistake_in_the_answer_is_named(kernel: NotebookClient) -> None:
    run(kernel, WRONG.replace("websocket.accept()", "websocket.accept"))
    said = run(kernel, 'await check("echo.1")')
    assert "says `websocket.accept` without parentheses" in said.splitlines()[0]
