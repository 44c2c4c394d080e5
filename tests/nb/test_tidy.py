"""tidy brings a notebook into the one form that is committed."""

from __future__ import annotations

from typing import Any

import nbformat

from course_app.nb import files
from course_app.nb.tidy import KERNELSPEC, tidy

TRACEBACK = [
    "\x1b[31m---------------------------------------------------------------------------\x1b[39m",
    "\x1b[31mValueError\x1b[39m                                Traceback (most recent call last)",
    "\x1b[36mFile /home/me/course/app.py:3\x1b[39m, in f()\n\x1b[32m      1\x1b[39m raise ValueError",
    "\x1b[31mValueError\x1b[39m: no \x1b[1mgood\x1b[0m\n",
]


def messy(make: Any) -> Any:
    """A notebook as JupyterLab and a learner leave it."""
    error = {"output_type": "error", "ename": "ValueError", "evalue": "no good", "traceback": TRACEBACK}
    outputs = [make.stream("a"), make.stream("b\n"), make.stream("e", "stderr"), make.stream("c")]
    return make.notebook(
        make.markdown("m", "\n# Title\n\n", editable=True, slideshow={"slide_type": ""}, tags=[]),
        make.code(
            "c", "run()\n", *outputs, tags=["t"], execution={"iopub.status.busy": "2026-01-01T00:00:00Z"}, trusted=True
        ),
        make.code("r", "r", make.result(text_plain="text", text_html="<b>", image_svg="<svg>"), course={"k": 1}),
        make.code("p", "p", {"output_type": "display_data", "metadata": {}, "data": {"image/png": "aGk="}}),
        make.code("e", "f()", error, collapsed=True, nbgrader={"grade": False}),
        widgets={"application/vnd.jupyter.widget-state+json": {}},
        kernelspec={"name": "venv", "display_name": "My env", "language": "python"},
        language_info={"name": "python", "version": "3.13.1"},
    )


def test_metadata_is_reduced_to_what_the_course_uses(make: Any) -> None:
    nb = tidy(messy(make))
    assert nb["metadata"]["kernelspec"] == KERNELSPEC
    assert set(nb["metadata"]) == {"kernelspec", "language_info"}
    assert "version" not in nb["metadata"]["language_info"]
    assert [cell["metadata"] for cell in nb["cells"]] == [
        {},
        {"tags": ["t"]},
        {"course": {"k": 1}},
        {},
        {"nbgrader": {"grade": False}},
    ]


def test_ids_and_sources_are_kept(make: Any) -> None:
    nb = tidy(messy(make))
    assert [cell["id"] for cell in nb["cells"]] == ["m", "c", "r", "p", "e"]
    assert nb["cells"][0]["source"] == "# Title"


def test_every_count_is_one(make: Any) -> None:
    code = tidy(messy(make))["cells"][1:]
    assert [cell["execution_count"] for cell in code] == [1, 1, 1, 1]
    assert code[1]["outputs"][0]["execution_count"] == 1


def test_pieces_of_one_stream_are_joined(make: Any) -> None:
    outputs = tidy(messy(make))["cells"][1]["outputs"]
    assert [(one["name"], one["text"]) for one in outputs] == [("stdout", "ab\n"), ("stderr", "e"), ("stdout", "c")]


def test_text_stays_and_pictures_of_it_go(make: Any) -> None:
    nb = tidy(messy(make))
    assert nb["cells"][2]["outputs"][0]["data"] == {"text/plain": "text"}
    assert nb["cells"][2]["outputs"][0]["metadata"] == {}
    assert nb["cells"][3]["outputs"][0]["data"] == {"image/png": "aGk="}  # nothing else would be left; lint says so


def test_traceback_keeps_its_last_line(make: Any) -> None:
    error = tidy(messy(make))["cells"][4]["outputs"][0]
    assert error["traceback"] == ["ValueError: no good"]
    assert "/home" not in files.dumps(tidy(messy(make)))


def test_tidying_again_changes_nothing_and_the_result_is_valid(make: Any) -> None:
    once = tidy(messy(make))
    assert tidy(once) == once
    nbformat.validate(nbformat.from_dict(once))


def test_the_given_notebook_is_left_alone(make: Any) -> None:
    nb = messy(make)
    tidy(nb)["cells"][1]["outputs"][0]["text"] += "changed"
    assert nb == messy(make)


def test_the_output_below_a_question_is_folded_and_no_other() -> None:
    def code(source: str) -> dict[str, Any]:
        return {"cell_type": "code", "metadata": {"jupyter": {"outputs_hidden": True}}, "source": source, "outputs": []}

    def prose(source: str) -> dict[str, Any]:
        return {"cell_type": "markdown", "metadata": {}, "source": source}

    cells = [prose("Read."), code("1"), prose("**Predict:** what comes?"), code("2"), code("3")]
    tidied = tidy({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})["cells"]
    assert [cell["metadata"] for cell in tidied[1::2]] == [{}, {"jupyter": {"outputs_hidden": True}}]
    assert tidied[4]["metadata"] == {}
