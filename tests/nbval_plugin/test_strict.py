"""Strict validation of notebooks names the cells that differ."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.integration


def cell(source: str, *outputs: dict, **metadata: object) -> dict:
    return {
        "cell_type": "code",
        "id": "a",
        "metadata": metadata,
        "source": source,
        "outputs": list(outputs),
        "execution_count": 1,
    }


def shown(text: str) -> dict:
    return {"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": 1}


def test_strict_validation_says_which_cell_of_which_notebook_differs(tmp_path, capsys):
    from course_app.nb.files import write
    from course_app.nbval_plugin import strict

    good, bad = tmp_path / "good.ipynb", tmp_path / "bad.ipynb"
    where = cell("import os; os.path.basename(os.getcwd())", shown(repr(tmp_path.name)))
    meta = {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    write(good, {"cells": [where], **meta})
    write(bad, {"cells": [cell("1 + 1", shown("3"))], **meta})
    assert strict.main([str(good)]) == 0
    assert strict.main([str(good), str(bad), "--jobs", "2"]) == 1
    said = capsys.readouterr().out
    assert f"FAILED {bad}::a - text/plain differs" in said
    assert said.splitlines()[-1].startswith("1 failed, 1 passed in ")
    assert strict.main([str(tmp_path / "none.ipynb")]) == 2
