"""The small course's notebooks, and cells to make others from."""

from __future__ import annotations

from typing import Any

import pytest

from course_app.manifest import Course
from course_app.nb import files
from course_app.nb.cells import Notebook


@pytest.fixture
def solution(sums: Course) -> Notebook:
    return files.read(sums.solution_path(sums.lesson("sums")))


@pytest.fixture
def exercise(sums: Course) -> Notebook:
    return files.read(sums.exercise_path(sums.lesson("sums")))


class Make:
    """Makes notebooks, cells and outputs as short as a test needs them."""

    def notebook(self, *cells: dict[str, Any], **metadata: Any) -> Notebook:
        return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}

    def code(self, own: str, source: str, *outputs: dict[str, Any], **metadata: Any) -> dict[str, Any]:
        shared = {"id": own, "source": source, "metadata": metadata}
        return {"cell_type": "code", "execution_count": 7, "outputs": list(outputs), **shared}

    def markdown(self, own: str, source: str, **metadata: Any) -> dict[str, Any]:
        return {"cell_type": "markdown", "id": own, "source": source, "metadata": metadata}

    def answer(self, source: str, **marks: Any) -> Notebook:
        """A notebook whose one cell, `x-1-stub`, is marked as a solution."""
        return self.notebook(
            self.code("x-1-stub", source, nbgrader={"solution": True, "grade_id": "x-1-stub", **marks})
        )

    def stream(self, text: str, name: str = "stdout") -> dict[str, Any]:
        return {"output_type": "stream", "name": name, "text": text}

    def result(self, **data: str) -> dict[str, Any]:
        mimes = {mime.replace("_", "/"): value for mime, value in data.items()}
        return {"output_type": "execute_result", "execution_count": 7, "metadata": {"isolated": True}, "data": mimes}


@pytest.fixture
def make() -> Make:
    return Make()
