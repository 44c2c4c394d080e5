"""Notebook files: read with a one-line error for everything that can be wrong, and written in one form."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ..errors import NotebookError
from ..storage import write_atomically
from .cells import Cell, Notebook, label

MAX_BYTES = 20_000_000
"""The largest file, in bytes, that is read: a course notebook has some ten thousand, a flood of output has millions."""

_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")
_HOW_TO_FIX = "restore it from git, or with `course reset` if it is an exercise"


def read(path: Path, *, strict: bool = True, max_bytes: int = MAX_BYTES) -> Notebook:
    """Return the notebook in the file `path`, with sources and outputs joined to single texts.

    `strict` asks for what the course's own notebooks must have: nbformat 4.5 and an id of its own for every cell.
    A learner's notebook is read without it, because some editors drop or change ids.
    Raises NotebookError, which names the file, the cell and how to fix it.
    """
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise NotebookError(f"{path} has {size:,} bytes, more than {max_bytes:,}; clear its outputs and save it")
        data = path.read_bytes()
    except OSError as error:
        raise NotebookError(f"{path} cannot be read: {error.strerror}; check its name and permissions") from error
    return parse(data, str(path), strict=strict)


def parse(data: bytes, name: str, *, strict: bool = True) -> Notebook:
    """Return the notebook that `data` holds; `name` is what errors call it. Raises NotebookError, as `read` does."""
    nb = _notebook(_decode(data, name), name)
    _check_version(nb, name, strict)
    for position, cell in enumerate(nb["cells"], start=1):
        _check_cell(cell, position, name)
    if strict:
        check_ids(nb, name)
    return nb


def dumps(nb: Notebook) -> str:
    """Return the file's text: as nbformat writes it (sorted keys, one space of indent), and a newline at the end."""
    split = {**nb, "cells": [_split_cell(cell) for cell in nb["cells"]]}
    return json.dumps(split, indent=1, sort_keys=True, ensure_ascii=False, separators=(",", ": ")) + "\n"


def write(path: Path, nb: Notebook) -> None:
    """Write the notebook to `path`; a reader sees the old file or the new one, never half of one.

    A symbolic link is followed. Raises NotebookError where the file cannot be written.
    """
    write_text(path, dumps(nb))


def write_text(path: Path, text: str) -> None:
    """Write a notebook's text to `path`, as `write` does. Raises NotebookError."""
    try:
        write_atomically(path.resolve(), text.encode("utf-8"))
    except OSError as error:
        raise NotebookError(f"{path} cannot be written: {error.strerror}; check the folder's permissions") from error


def check_ids(nb: Notebook, name: str) -> None:
    """Raise NotebookError where a cell has no id, one that nbformat does not allow, or another cell's."""
    seen: set[str] = set()
    for position, cell in enumerate(nb["cells"], start=1):
        own = cell.get("id")
        if own is None:
            raise NotebookError(f"{name}: {label(cell, position)} has no id; give it one, such as 'echo-1-try'")
        if not (isinstance(own, str) and _ID.match(own)):
            raise NotebookError(
                f"{name}: {label(cell, position)}: id {str(own)[:40]!r} is not allowed; use 1 to 64 of a-z A-Z 0-9 - _"
            )
        if own in seen:
            raise NotebookError(f"{name}: two cells have the id {own!r}; give the second one an id of its own")
        seen.add(own)


def check_kernel(nb: Notebook, name: str, known: tuple[str, ...] = ("python3",)) -> None:
    """Raise NotebookError where the notebook asks for a kernel that is not among `known`."""
    spec = nb["metadata"].get("kernelspec")
    kernel = spec.get("name") if isinstance(spec, dict) else None
    if kernel is None:
        raise NotebookError(f"{name} names no kernel; choose 'Python 3 (ipykernel)' in JupyterLab and save it")
    if kernel not in known:
        raise NotebookError(
            f"{name} asks for the kernel {str(kernel)[:40]!r}, which is not here; "
            f"choose one of {', '.join(known)} in JupyterLab and save it"
        )


def _decode(data: bytes, name: str) -> Any:
    if not data.strip():
        raise NotebookError(f"{name} is empty; {_HOW_TO_FIX}")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotebookError(
            f"{name} is not UTF-8 text (byte {error.start}); save it as UTF-8, or {_HOW_TO_FIX}"
        ) from error
    except json.JSONDecodeError as error:
        if re.search(rb"^(<{7}|>{7}) ", data, re.MULTILINE):
            raise NotebookError(
                f"{name} holds git's conflict marks (<<<<<<<); resolve the merge, or {_HOW_TO_FIX}"
            ) from error
        raise NotebookError(f"{name} is not JSON (line {error.lineno}: {error.msg}); {_HOW_TO_FIX}") from error
    except (ValueError, RecursionError) as error:
        raise NotebookError(f"{name} is not JSON that a notebook can hold; {_HOW_TO_FIX}") from error


def _notebook(data: Any, name: str) -> Notebook:
    if not isinstance(data, dict) or "nbformat" not in data:
        raise NotebookError(f"{name} is JSON, but not a notebook (key 'nbformat' is missing); {_HOW_TO_FIX}")
    return data


def _check_version(nb: Notebook, name: str, strict: bool) -> None:
    major, minor = nb["nbformat"], nb.get("nbformat_minor", 0)
    if not (_is_count(major) and _is_count(minor)):
        raise NotebookError(f"{name}: keys 'nbformat' and 'nbformat_minor' must be numbers; {_HOW_TO_FIX}")
    if major != 4 or (strict and minor < 5):
        raise NotebookError(f"{name} is nbformat {major}.{minor}, and 4.5 is needed; open it in JupyterLab and save it")
    if not isinstance(nb.setdefault("metadata", {}), dict):
        raise NotebookError(f"{name}: key 'metadata' must be an object; {_HOW_TO_FIX}")
    if not isinstance(nb.get("cells"), list):
        raise NotebookError(f"{name}: key 'cells' must be a list; {_HOW_TO_FIX}")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_cell(cell: Any, position: int, name: str) -> None:
    where = f"{name}: cell number {position}"
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        raise NotebookError(f"{where} is neither code nor markdown nor raw; {_HOW_TO_FIX}")
    source = _joined(cell.get("source"))
    if source is None:
        raise NotebookError(f"{where}: key 'source' must be text or a list of texts; {_HOW_TO_FIX}")
    cell["source"] = source
    if not isinstance(cell.setdefault("metadata", {}), dict):
        raise NotebookError(f"{where}: key 'metadata' must be an object; {_HOW_TO_FIX}")
    if cell["cell_type"] == "code":
        _check_outputs(cell, where)


def _check_outputs(cell: Cell, where: str) -> None:
    cell.setdefault("execution_count", None)
    outputs = cell.setdefault("outputs", [])
    if not (isinstance(outputs, list) and all(isinstance(item, dict) and "output_type" in item for item in outputs)):
        raise NotebookError(f"{where}: key 'outputs' must be a list of outputs; clear the outputs and save it")
    for output in outputs:
        if "text" in output:
            output["text"] = _joined(output["text"]) or ""
        if isinstance(output.get("data"), dict):
            output["data"] = {mime: _joined_mime(mime, value) for mime, value in output["data"].items()}


def _joined(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return None


def _joined_mime(mime: str, value: Any) -> Any:
    if mime == "application/json" or mime.endswith("+json"):
        return value
    joined = _joined(value)
    return value if joined is None else joined


def _split_cell(cell: Cell) -> Cell:
    split: Cell = {**cell, "source": cell["source"].splitlines(True)}
    if "outputs" in cell:
        split["outputs"] = [_split_output(output) for output in cell["outputs"]]
    return split


def _split_output(output: dict[str, Any]) -> dict[str, Any]:
    split = dict(output)
    if isinstance(output.get("text"), str):
        split["text"] = output["text"].splitlines(True)
    if isinstance(output.get("data"), dict):
        split["data"] = {
            mime: value.splitlines(True) if isinstance(value, str) and _is_text(mime) else value
            for mime, value in output["data"].items()
        }
    return split


def _is_text(mime: str) -> bool:
    return mime.startswith("text/") or mime in ("image/svg+xml", "application/javascript")
