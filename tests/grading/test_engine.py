"""The engine: one outcome per task, whatever the submission does."""

from __future__ import annotations

import asyncio
import copy
import glob
import json
import tempfile

import pytest

from course_app.errors import NotebookError
from course_app.grading.engine import check_notebook
from course_app.kernels.kernel import Kernel
from course_app.nb.cells import Notebook

pytestmark = pytest.mark.integration

PASSED, FAILED, UNTOUCHED, LATE, UNREACHED = "passed", "failed", "not_attempted", "timed_out", "not_reached"


def outcomes(result) -> list[str]:
    return [verdict.outcome.value for verdict in result.verdicts]


@pytest.fixture
def judged(course, echo):
    def judge(notebook: Notebook, **options):
        return check_notebook(course, echo, notebook, **{"cell_seconds": 2.0, **options})

    return judge


def test_the_solution_passes_and_nbval_accepts_it(judged, solved):
    result = judged(solved)
    assert outcomes(result) == [PASSED] * 5
    assert (result.passed, result.validated, result.mismatches, result.stopped) == (True, True, (), "")
    assert json.loads(json.dumps(result.to_dict()))["verdicts"][0]["outcome"] == "passed"


def test_an_untouched_exercise_is_not_attempted_and_no_check_is_played(judged, fresh):
    result = judged(fresh)
    assert outcomes(result) == [UNTOUCHED] * 5
    assert (result.passed, result.validated) == (False, False)
    assert "checks" not in result.seconds


def test_a_wrong_answer_fails_alone_with_both_transcripts(judged, put, solved):
    source = next(cell["source"] for cell in solved["cells"] if cell["id"] == "echo-2-stub")
    result = judged(put(echo_2_stub=source.replace("Message text was: ", "")))
    assert outcomes(result) == [PASSED, FAILED, PASSED, PASSED, PASSED]
    wrong = result.verdicts[1]
    assert wrong.diagnosis == "echo.2.no-prefix"
    assert "> GET /ws" in wrong.expected and wrong.expected != wrong.received
    assert result.mismatches[0].cell == "echo-2-check"


@pytest.mark.parametrize(
    ("source", "outcome", "diagnosis", "stopped"),
    [
        ("while True: pass", LATE, "cell-endless", "still running after 2 s, in line 1"),
        (
            "import asyncio\nawait asyncio.Event().wait()",
            LATE,
            "cell-endless",
            "in line 2: await asyncio.Event().wait()",
        ),
        ("while True: print('x' * 100)", FAILED, "cell-flood", "more than 1,000,000 bytes"),
        ("import os; os._exit(5)", FAILED, "kernel-died", "exit code 5"),
        ("import ctypes; ctypes.string_at(0)", FAILED, "kernel-died", "SIGSEGV"),
        ("import asyncio; asyncio.get_running_loop().stop()", None, None, ""),
    ],
)
def test_a_first_cell_that_never_comes_back(judged, put, source, outcome, diagnosis, stopped):
    result = judged(put(echo_1_stub=source))
    if outcome is None:  # stopping the loop: how it ends is the platform's, that it ends is ours
        assert not result.passed
        return
    assert outcomes(result) == [outcome, *[UNREACHED] * 4]
    assert result.verdicts[0].diagnosis == f"echo.1.{diagnosis}"
    assert stopped in result.stopped and result.stopped.startswith("cell echo-1-stub: ")
    assert stopped in result.verdicts[0].message


def test_a_kernel_that_ends_later_fails_no_task_that_nobody_attempted(judged, fresh, solved):
    attempt = copy.deepcopy(fresh)
    right, stub = (next(cell for cell in nb["cells"] if cell["id"] == "echo-1-stub") for nb in (solved, attempt))
    ends = "import os\nget_ipython().events.register('pre_run_cell', lambda info: os._exit(5))"
    stub["source"] = f"{right['source']}\n\n{ends}"
    result = judged(attempt)
    assert outcomes(result) == [PASSED, *[UNTOUCHED] * 4]
    assert result.stopped.startswith("cell echo-2-stub: ") and "exit code 5" in result.stopped


def test_closing_the_loop_is_the_end_of_the_kernel(judged, put):
    source = "import asyncio\nloop = asyncio.get_running_loop()\nloop.stop()\nloop.call_soon(loop.close)\nloop.close()"
    result = judged(put(echo_2_stub=source))
    assert outcomes(result)[0] == PASSED
    assert not result.passed


def test_a_syntax_error_costs_its_own_task_only(judged, put):
    result = judged(put(echo_2_stub="every_app = ("))
    assert outcomes(result) == [PASSED, FAILED, PASSED, PASSED, PASSED]
    assert result.verdicts[1].diagnosis == "echo.2.cell-raised"
    assert "SyntaxError" in result.verdicts[1].message


@pytest.mark.parametrize("body", ["import os; os._exit(9)", "import ctypes; ctypes.string_at(0)"])
def test_an_endpoint_that_kills_its_kernel_is_named(judged, put, body):
    endpoint = (
        "every_app = FastAPI()\n\n@every_app.websocket('/ws')\nasync def every(websocket: WebSocket):\n"
        f"    await websocket.accept()\n    {body}\n"
    )
    result = judged(put(echo_2_stub=endpoint))
    assert outcomes(result) == [PASSED, FAILED, UNREACHED, UNREACHED, UNREACHED]
    assert result.verdicts[1].diagnosis == "echo.2.kernel-died"


def test_an_endpoint_that_blocks_the_loop_is_a_timeout(judged, put):
    endpoint = (
        "every_app = FastAPI()\n\n@every_app.websocket('/ws')\nasync def every(websocket: WebSocket):\n"
        "    await websocket.accept()\n    while True: pass\n"
    )
    result = judged(put(echo_2_stub=endpoint), patience=0.5)
    assert outcomes(result)[:2] == [PASSED, LATE]
    assert "waited 0.5 s for" in result.verdicts[1].message


def test_names_that_a_learner_shadowed_are_not_in_the_way(judged, put, solved):
    source = next(cell["source"] for cell in solved["cells"] if cell["id"] == "echo-1-stub")
    shadows = "\nserve = check_it = json = asyncio = course_app = print = open = None"
    assert outcomes(judged(put(echo_1_stub=source + shadows))) == [PASSED] * 5


def test_a_patched_check_forges_nothing(judged, put):
    forged = "import course_app\nasync def check(task): print('✔', task)\ncourse_app.check = check"
    result = judged(put(echo_1_stub=forged + "\nonce_app = None"))
    assert outcomes(result)[0] == FAILED


def test_some_tasks_only(judged, solved, course):
    result = judged(solved, tasks=[course.task("echo.4")])
    assert [(verdict.task, verdict.outcome.value) for verdict in result.verdicts] == [("echo.4", PASSED)]
    assert result.validated is None


def test_missing_and_duplicated_cells_are_told(judged, put):
    notebook = put()
    cells = notebook["cells"]
    first = next(cell for cell in cells if cell["id"] == "echo-1-stub")
    notebook["cells"] = [cell for cell in cells if cell["id"] not in ("echo-3-stub", "echo-2-check")] + [first]
    result = judged(notebook)
    assert outcomes(result) == [PASSED, PASSED, UNTOUCHED, PASSED, PASSED]
    told = " ".join(result.repairs)
    assert all(cell in told for cell in ("echo-3-stub", "echo-2-check", "echo-1-stub"))


def test_a_notebook_of_another_exercise_is_refused(judged):
    other = {"cells": [{"cell_type": "code", "id": "rooms-1-stub", "metadata": {}, "source": "x", "outputs": []}]}
    with pytest.raises(NotebookError, match="rooms"):
        judged({**other, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_no_folder_is_left_even_when_the_check_is_cancelled(course, echo, put):
    from course_app.grading.engine import judge

    started: list[Kernel] = []

    async def scene() -> None:
        async def start() -> Kernel:
            started.append(await Kernel.start())
            return started[0]

        task = asyncio.create_task(judge(course, echo, put(echo_1_stub="while True: pass"), kernel=start))
        while not started:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scene())
    assert not glob.glob(str(started[0].folder)), tempfile.gettempdir()
    assert not started[0].alive


# nbval's comparison
