"""`course run`: outputs are stored tidied, and nothing is written where a cell fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_app.cli import main
from course_app.nb.cells import Cell
from course_app.nb.files import read, write

pytestmark = pytest.mark.integration


def notebook(path: Path, *sources: str) -> Path:
    cells: list[Cell] = [
        {"cell_type": "code", "id": f"a-{n}", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        for n, source in enumerate(sources)
    ]
    write(path, {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    return path


def test_outputs_are_stored_tidied_and_cells_run_in_their_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = notebook(tmp_path / "a.ipynb", "import os", "os.path.basename(os.getcwd())")
    assert main(["run", str(path)]) == 0
    cells = read(path)["cells"]
    assert [cell["execution_count"] for cell in cells] == [1, 1]
    assert cells[1]["outputs"][0]["data"] == {"text/plain": repr(tmp_path.name)}
    assert capsys.readouterr().out == f"{path}: ran and stored\n"


@pytest.mark.parametrize(("source", "message"), [("1 / 0", "ZeroDivisionError"), ("while True: pass", "did not run")])
def test_a_cell_that_fails_leaves_the_file_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], source: str, message: str
) -> None:
    path = notebook(tmp_path / "a.ipynb", "print(1)", source)
    before = path.read_bytes()
    assert main(["run", str(path), "--timeout", "2"]) == 2
    error = capsys.readouterr().err
    assert message in error and error.endswith("nothing was written\n") and error.count("\n") == 1
    assert path.read_bytes() == before
