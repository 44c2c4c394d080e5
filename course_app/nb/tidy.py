"""The form in which a notebook is committed, so that a diff shows the author's changes and nothing else."""

from __future__ import annotations

import copy
import re
from typing import Any

from .cells import Cell, Notebook

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE_INFO = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"}
"""For an editor that colours the code before a kernel runs; no version, which would differ between machines."""

KEPT_METADATA = ("tags", "nbgrader", "course")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def tidy(nb: Notebook) -> Notebook:
    """Return the notebook in its committed form; tidying that again changes nothing.

    Cell ids are kept. Outputs are text only, every execution count is 1 (nbval checks nothing in a cell without
    a count), tracebacks keep their last line (no path of any machine), metadata keeps what the course uses.
    The output below a question is folded, so that the reader predicts before reading; running the cell unfolds it.
    """
    return {
        "cells": [
            _folded(before, _tidy_cell(cell)) for before, cell in zip([None, *nb["cells"]], nb["cells"], strict=False)
        ],
        "metadata": {"kernelspec": dict(KERNELSPEC), "language_info": dict(LANGUAGE_INFO)},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _tidy_cell(cell: Cell) -> Cell:
    metadata = {key: copy.deepcopy(cell["metadata"][key]) for key in KEPT_METADATA if cell["metadata"].get(key)}
    kept: Cell = {"cell_type": cell["cell_type"], "metadata": metadata, "source": cell["source"].strip("\n")}
    if "id" in cell:
        kept["id"] = cell["id"]
    if cell.get("attachments"):
        kept["attachments"] = copy.deepcopy(cell["attachments"])
    if cell["cell_type"] == "code":
        kept["execution_count"] = 1
        kept["outputs"] = _merged([_tidy_output(output) for output in cell["outputs"]])
    return kept


def asks_for_a_prediction(cell: Cell | None) -> bool:
    """Return whether a Markdown cell asks the reader to predict the output of the code cell below it."""
    return cell is not None and cell["cell_type"] == "markdown" and "**Predict" in cell["source"]


def _folded(before: Cell | None, cell: Cell) -> Cell:
    """Return the cell, folded where the cell before asks what it will print.

    Source: nbformat, "Cell metadata": `jupyter.outputs_hidden`, which JupyterLab clears when the cell runs.
    """
    if cell["cell_type"] == "code" and asks_for_a_prediction(before):
        cell["metadata"]["jupyter"] = {"outputs_hidden": True}
    return cell


def _tidy_output(output: dict[str, Any]) -> dict[str, Any]:
    kept = copy.deepcopy(output)
    kept.pop("transient", None)
    if kept["output_type"] in ("execute_result", "display_data"):
        data = kept.get("data", {})
        kept["data"] = {"text/plain": data["text/plain"]} if "text/plain" in data else data
        kept["metadata"] = {}
    if kept["output_type"] == "execute_result":
        kept["execution_count"] = 1
    if kept["output_type"] == "error":
        kept["traceback"] = [_last_line(kept)]
    return kept


def _last_line(error: dict[str, Any]) -> str:
    text = _ANSI.sub("", "\n".join(error.get("traceback", [])))
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else f"{error.get('ename', 'Error')}: {error.get('evalue', '')}"


def _merged(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join neighbouring texts of the same stream: how many pieces a kernel sends them in is chance."""
    merged: list[dict[str, Any]] = []
    for output in outputs:
        last = merged[-1] if merged else {}
        if output["output_type"] == last.get("output_type") == "stream" and output.get("name") == last.get("name"):
            last["text"] += output["text"]
        else:
            merged.append(output)
    return merged
