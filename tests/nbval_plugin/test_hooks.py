"""`pytest --nbval` on the course's notebooks tells the truth, whatever the learner stored."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from course_app.manifest import Course
from course_app.nb import files
from course_app.nb.cells import Cell, Notebook, cell_id, is_graded, is_solution
from course_app.nb.derive import answer_only
from tests.support.paths import FIXTURES, ROOT

pytestmark = pytest.mark.integration

FIXTURE = FIXTURES / "sums"


def nbval(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on a notebook, or on those in a folder, in a process of its own with every plugin there is."""
    command = [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider", "--color=no", str(path), *options]
    folder = path if path.is_dir() else path.parent.parent
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COURSE_"))} | {
        "COLUMNS": "200",
        "PYTHONPATH": str(FIXTURE.parent / "quick"),
    }
    return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=folder, env=env)


def edit(path: Path, change: Callable[[dict[str, Cell], Notebook], object]) -> None:
    nb = files.read(path)
    change({cell_id(cell): cell for cell in nb["cells"]}, nb)
    files.write(path, nb)


def answer(cells: dict[str, Cell], one: str = "return number + number", two: str = "result = sum(numbers)") -> None:
    for own, text in (("sums-1-stub", one), ("sums-2-stub", two)):
        cells[own]["source"] = cells[own]["source"].replace("...  # your code here", text)


def shown(text: str) -> list[dict[str, object]]:
    return [{"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": text}}]


def exercise(course: Course) -> Path:
    return course.exercise_path(course.lesson("sums"))


def test_solution_is_green_and_its_cells_go_by_their_ids(sums: Course) -> None:
    run = nbval(sums.solution_path(sums.lesson("sums")), "-v")
    assert run.returncode == 0, run.stdout
    assert "01_sums.ipynb::sums-1-check PASSED" in run.stdout


def test_fresh_exercise_is_red_and_says_what_the_check_said(sums: Course) -> None:
    run = nbval(exercise(sums))
    assert run.returncode == 1
    assert "FAILED exercises/01_sums.ipynb::sums-1-check - sums-1-check: ○ sums.1 not attempted yet" in run.stdout
    assert "2 failed, 4 passed" in run.stdout


def test_right_answer_is_green_though_it_was_never_run_and_prints(sums: Course) -> None:
    edit(exercise(sums), lambda cells, nb: answer(cells, one="print('in', number)\n    return number * 2"))
    edit(exercise(sums), lambda cells, nb: nb["cells"].remove(cells["sums-1-try"]))
    run = nbval(exercise(sums))
    assert run.returncode == 0, run.stdout
    assert "cell sums-1-try was missing" in run.stdout


def own_outputs(cells: dict[str, Cell], nb: Notebook) -> None:
    for own, text in (("sums-1-check", "✘ sums.1: 9, not 6"), ("sums-2-check", "✔ sums.2")):
        cells[own].update(execution_count=1, outputs=shown(text))


def cleared(cells: dict[str, Cell], nb: Notebook) -> None:
    for cell in nb["cells"]:
        if cell["cell_type"] == "code":
            cell.update(execution_count=None, outputs=[])


def skip_comment(cells: dict[str, Cell], nb: Notebook) -> None:
    cells["sums-1-check"]["source"] = "# NBVAL_SKIP\n" + cells["sums-1-check"]["source"]


def skip_tag(cells: dict[str, Cell], nb: Notebook) -> None:
    cells["sums-1-check"]["metadata"]["tags"] = ["nbval-skip"]


def ignore_tag(cells: dict[str, Cell], nb: Notebook) -> None:
    cells["sums-1-check"]["metadata"]["tags"] = ["nbval-ignore-output", "raises-exception"]


def without_check(cells: dict[str, Cell], nb: Notebook) -> None:
    nb["cells"].remove(cells["sums-1-check"])


def other_check(cells: dict[str, Cell], nb: Notebook) -> None:
    cells["sums-1-check"].update(source="print('✔ sums.1')", cell_type="code")


def check_as_text(cells: dict[str, Cell], nb: Notebook) -> None:
    cells["sums-1-check"]["cell_type"] = "raw"
    for key in ("outputs", "execution_count"):
        cells["sums-1-check"].pop(key)


def no_metadata(cells: dict[str, Cell], nb: Notebook) -> None:
    for cell in nb["cells"]:
        cell["metadata"] = {}


def other_kernel(cells: dict[str, Cell], nb: Notebook) -> None:
    nb["metadata"]["kernelspec"] = {"name": "bash", "display_name": "Bash", "language": "bash"}


def shown_from_answer(cells: dict[str, Cell], nb: Notebook) -> None:
    cells["sums-1-stub"]["source"] += "\n\n\ndisplay('✔ sums.1')"


FORGERIES = [
    own_outputs,
    cleared,
    skip_comment,
    skip_tag,
    ignore_tag,
    without_check,
    other_check,
    check_as_text,
    no_metadata,
    other_kernel,
    shown_from_answer,
]


def test_wrong_answer_is_red_however_it_was_saved(tmp_path: Path) -> None:
    for forge in FORGERIES:
        shutil.copytree(FIXTURE, tmp_path / forge.__name__)
        path = tmp_path / forge.__name__ / "exercises" / "01_sums.ipynb"
        edit(path, lambda cells, nb: answer(cells, one="return number ** 2"))
        edit(path, forge)
    run = nbval(tmp_path, *(f"--ignore={tmp_path / forge.__name__ / 'solutions'}" for forge in FORGERIES))
    assert run.returncode == 1
    found = {line for line in run.stdout.splitlines() if line.startswith("FAILED ")}
    said = "exercises/01_sums.ipynb::sums-1-check - sums-1-check: ✘ sums.1: 9, not 6"
    assert found == {f"FAILED {forge.__name__}/{said}" for forge in FORGERIES}


def test_the_learners_file_is_left_alone(sums: Course) -> None:
    before = exercise(sums).read_bytes()
    nbval(exercise(sums))
    assert exercise(sums).read_bytes() == before


def test_added_cell_runs_in_its_place_and_its_exception_stops_nothing(sums: Course) -> None:
    path = exercise(sums)
    extra: Cell = {"cell_type": "code", "id": "mine", "metadata": {}, "execution_count": None, "outputs": []}

    def change(cells: dict[str, Cell], nb: Notebook) -> None:
        answer(cells, one="return helper(number)")
        nb["cells"].insert(3, {**extra, "source": "def helper(number):\n    return 2 * number\n\n\n1 / 0"})

    edit(path, change)
    run = nbval(path, "-v")
    assert run.returncode == 0, run.stdout
    assert "::added-1 PASSED" in run.stdout
    assert "cell added-1 is your own; it ran where it stands" in run.stdout


def test_exception_in_an_answer_is_red_and_named(sums: Course) -> None:
    edit(exercise(sums), lambda cells, nb: answer(cells, one="return numbr"))
    run = nbval(exercise(sums))
    assert run.returncode == 1
    assert "name 'numbr' is not defined" in run.stdout
    assert "Cell sums-1-check:" in run.stdout


def test_endless_loop_is_stopped_and_called_a_timeout(sums: Course) -> None:
    edit(exercise(sums), lambda cells, nb: answer(cells, one="while True:\n        pass"))
    run = nbval(exercise(sums), "--nbval-cell-timeout", "2")
    assert run.returncode == 1
    assert "Cell sums-1-check: Timeout of 2 seconds exceeded" in run.stdout


@pytest.mark.parametrize(("one", "code"), [("return number ** 2", 1), ("return number * 2", 0)], ids=["wrong", "right"])
def test_endless_loop_in_an_added_cell_hides_no_wrong_answer(sums: Course, one: str, code: int) -> None:
    extra: Cell = {"cell_type": "code", "id": "mine", "metadata": {}, "execution_count": None, "outputs": []}

    def change(cells: dict[str, Cell], nb: Notebook) -> None:
        answer(cells, one=one)
        nb["cells"].insert(4, {**extra, "source": "while True:\n    pass"})

    edit(exercise(sums), change)
    run = nbval(exercise(sums), "--nbval-cell-timeout", "2")
    assert run.returncode == code, run.stdout
    assert "xfailed" not in run.stdout


def test_kernel_can_be_chosen(sums: Course) -> None:
    path = sums.solution_path(sums.lesson("sums"))
    edit(path, lambda cells, nb: nb["metadata"]["kernelspec"].update(name="nowhere"))
    assert nbval(path, "--nbval-kernel-name", "python3").returncode == 0
    assert nbval(path, "--nbval-current-env").returncode == 0


UNREADABLE = {
    "empty": (b"", "is empty"),
    "json": (b"{]", "is not JSON (line 1:"),
    "utf": (b"\xff\xfe", "is not UTF-8 text (byte 0)"),
    "list": (b'{"a": 1}', "is JSON, but not a notebook"),
    "old": (b'{"nbformat": 3, "nbformat_minor": 0, "worksheets": []}', "is nbformat 3.0, and 4.5 is needed"),
}


def test_unreadable_notebook_gets_one_line(tmp_path: Path) -> None:
    for name, (content, _) in UNREADABLE.items():
        shutil.copytree(FIXTURE, tmp_path / name)
        (tmp_path / name / "exercises" / "01_sums.ipynb").write_bytes(content)
    run = nbval(tmp_path, *(f"--ignore={tmp_path / name / 'solutions'}" for name in UNREADABLE))
    assert run.returncode == 2  # an error of collection
    for name, (_, said) in UNREADABLE.items():
        assert f"{name}/exercises/01_sums.ipynb {said}" in run.stdout
    assert "Traceback" not in run.stdout
    assert "course_app/" not in run.stdout  # no line of ours is shown


def test_unknown_kernel_gets_one_line(sums: Course) -> None:
    run = nbval(sums.solution_path(sums.lesson("sums")), "--nbval-kernel-name", "nowhere")
    assert run.returncode == 2
    assert "--nbval-kernel-name asks for the kernel 'nowhere', which is not installed" in run.stdout
    assert "Traceback" not in run.stdout


def test_missing_cell_id_in_a_solution_gets_one_line(sums: Course) -> None:
    edit(sums.solution_path(sums.lesson("sums")), lambda cells, nb: cells["sums-setup"].pop("id"))
    run = nbval(exercise(sums))
    assert run.returncode == 2
    assert "cell number 2 ('import os') has no id" in run.stdout


def test_broken_manifest_gets_one_line(sums: Course) -> None:
    (sums.root / "course.toml").write_text("title = ", encoding="utf-8")
    run = nbval(exercise(sums))
    assert run.returncode == 2
    assert "course.toml is not valid TOML" in run.stdout


def test_notebooks_elsewhere_stay_with_nbval(sums: Course, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    plain = tmp_path / "elsewhere" / "01_sums.ipynb"
    plain.write_bytes(sums.solution_path(sums.lesson("sums")).read_bytes())
    assert "::Cell 0 PASSED" in nbval(plain, "-v").stdout


def test_text_is_compared_and_pictures_of_it_are_not(sums: Course) -> None:
    path = sums.solution_path(sums.lesson("sums"))
    rich = "class R:\n    __repr__ = lambda self: 'text'\n    _repr_html_ = lambda self: '<b>'\n\nR()"
    edit(path, lambda cells, nb: cells["sums-1-try"].update(source=rich, outputs=shown("text")))
    assert nbval(path).returncode == 0
    edit(path, lambda cells, nb: cells["sums-1-try"].update(outputs=shown("other")))
    assert "Cell sums-1-try: Cell outputs differ" in nbval(path).stdout


@pytest.fixture
def echo(tmp_path: Path) -> Path:
    """Return the course's own exercise 03 in a folder of its own, with the solution that it is rebuilt from."""
    for name in ("course.toml", "solutions/03_echo.ipynb", "exercises/03_echo.ipynb"):
        (tmp_path / "copy" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "copy" / name).write_bytes((ROOT / name).read_bytes())
    return tmp_path / "copy" / "exercises" / "03_echo.ipynb"


def echo_answers() -> dict[str, str]:
    nb = answer_only(files.read(ROOT / "solutions" / "03_echo.ipynb"))
    return {cell_id(cell): cell["source"] for cell in nb["cells"] if is_solution(cell)}


def save_echo(path: Path, answers: dict[str, str]) -> None:
    """Save answers with outputs that say that every check has passed."""
    nb = files.read(path)
    for cell in nb["cells"]:
        cell["source"] = answers.get(cell_id(cell), cell["source"])
        if is_graded(cell):
            passed = cell_id(cell).removesuffix("-check").replace("-", ".")
            cell.update(execution_count=1, outputs=shown(f"✔ {passed}"))
    files.write(path, nb)


def test_echo_is_red_when_fresh(echo: Path) -> None:
    run = nbval(echo)
    assert run.returncode == 1
    for number in range(1, 6):
        assert f"echo-{number}-check: ○ echo.{number} not attempted yet" in run.stdout


def test_echo_is_red_with_a_wrong_answer_saved_with_its_own_outputs(echo: Path) -> None:
    wrong = {own: source.replace("Message text was", "Message was") for own, source in echo_answers().items()}
    save_echo(echo, echo_answers() | {"echo-1-stub": wrong["echo-1-stub"]})
    run = nbval(echo)
    assert run.returncode == 1, run.stdout
    assert "1 failed" in run.stdout
    assert "::echo-1-check - echo-1-check: ✘ echo.1" in run.stdout


def test_echo_is_green_when_right_though_its_answers_print_and_were_never_run(echo: Path) -> None:
    talkative = {own: f"{source}\n\nprint('made', {own!r})" for own, source in echo_answers().items()}
    save_echo(echo, talkative)
    edit(echo, cleared)
    run = nbval(echo)
    assert run.returncode == 0, run.stdout


def test_plugin_imports_nothing_that_costs_time() -> None:
    code = (
        "import sys, course_app.nbval_plugin.hooks; print(sorted({'nbval', 'nbformat', 'fastapi'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60).stdout == "[]\n"
