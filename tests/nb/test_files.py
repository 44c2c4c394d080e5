"""Every fault of a notebook file gets one line that names the file, the cell and how to fix it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from course_app.errors import NotebookError
from course_app.nb import files


def raw(**changes: Any) -> bytes:
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["one\n", "two"]}
    nb = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **changes}
    return json.dumps(nb).encode()


def cells(*sources: dict[str, Any]) -> bytes:
    return raw(cells=[{"cell_type": "markdown", "metadata": {}, "source": "text", **cell} for cell in sources])


BAD = {
    "empty": (b" \n", "nb.ipynb is empty"),
    "not json": (b'{"cells": [', "nb.ipynb is not JSON (line 1:"),
    "not utf-8": (b'{"cells": "\xe9"}', "nb.ipynb is not UTF-8 text (byte 11)"),
    "conflict": (b'{\n<<<<<<< HEAD\n"a": 1\n', "git's conflict marks"),
    "deep": (b"[" * 100_000, "is not JSON that a notebook can hold"),
    "long number": (b'{"nbformat": ' + b"9" * 5000 + b"}", "is not JSON that a notebook can hold"),
    "list": (b"[]", "not a notebook"),
    "no version": (b"{}", "key 'nbformat' is missing"),
    "version 3": (raw(nbformat=3, nbformat_minor=0), "is nbformat 3.0, and 4.5 is needed; open it in JupyterLab"),
    "version 4.4": (raw(nbformat_minor=4), "is nbformat 4.4, and 4.5 is needed"),
    "odd version": (raw(nbformat="4"), "must be numbers"),
    "metadata": (raw(metadata=[]), "key 'metadata' must be an object"),
    "no cells": (raw(cells=None), "key 'cells' must be a list"),
    "odd cell": (raw(cells=["text"]), "cell number 1 is neither code nor markdown nor raw"),
    "odd type": (cells({"id": "a"}, {"id": "b", "cell_type": "heading"}), "cell number 2 is neither code nor"),
    "odd source": (cells({"id": "a", "source": 7}), "cell number 1: key 'source' must be text"),
    "odd cell metadata": (cells({"id": "a", "metadata": None}), "cell number 1: key 'metadata' must be an object"),
    "odd outputs": (cells({"id": "a", "cell_type": "code", "outputs": [1]}), "key 'outputs' must be a list of outputs"),
    "no id": (cells({"id": "a"}, {"source": "two\nlines"}), "cell number 2 ('two') has no id; give it one"),
    "null id": (cells({"id": None}), "has no id; give it one"),
    "bad id": (cells({"id": "a b"}), "id 'a b' is not allowed"),
    "same id": (cells({"id": "a"}, {"id": "a"}), "two cells have the id 'a'"),
}


@pytest.mark.parametrize(("data", "said"), BAD.values(), ids=BAD.keys())
def test_bad_file_gets_one_line(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "nb.ipynb"
    path.write_bytes(data)
    with pytest.raises(NotebookError) as caught:
        files.read(path)
    assert said in str(caught.value)
    assert "nb.ipynb" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_and_folder_get_one_line(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="none.ipynb cannot be read: No such file"):
        files.read(tmp_path / "none.ipynb")
    with pytest.raises(NotebookError, match="cannot be read: Is a directory"):
        files.read(tmp_path)


def test_huge_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "nb.ipynb").write_bytes(raw())
    with pytest.raises(NotebookError, match=r"bytes, more than 10; clear its outputs"):
        files.read(tmp_path / "nb.ipynb", max_bytes=10)


@pytest.mark.parametrize("name", ["no id", "null id", "bad id", "same id", "version 4.4"])
def test_learners_notebook_may_have_lost_its_ids(name: str) -> None:
    assert files.parse(BAD[name][0], "nb.ipynb", strict=False)["cells"]


def test_byte_order_mark_is_no_mistake() -> None:
    assert files.parse(b"\xef\xbb\xbf" + raw(), "nb.ipynb")["cells"][0]["source"] == "one\ntwo"


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        (
            {"kernelspec": {"name": "bash"}},
            "nb.ipynb asks for the kernel 'bash', which is not here; choose one of python3",
        ),
        ({}, "nb.ipynb names no kernel; choose 'Python 3"),
        ({"kernelspec": "python3"}, "nb.ipynb names no kernel"),
    ],
)
def test_unknown_kernel_gets_one_line(metadata: dict[str, Any], said: str) -> None:
    with pytest.raises(NotebookError, match=said.replace("(", r"\(")):
        files.check_kernel(files.parse(raw(metadata=metadata), "nb.ipynb"), "nb.ipynb")


def test_known_kernel_passes() -> None:
    files.check_kernel(files.parse(raw(metadata={"kernelspec": {"name": "python3"}}), "nb.ipynb"), "nb.ipynb")


def test_writes_what_nbformat_writes(tmp_path: Path, make: Any) -> None:
    outputs = [make.stream("a\nb\u2028c\n"), make.result(text_plain="x\ny", text_html="<b>\n</b>", image_png="aGk=")]
    nb = make.notebook(
        make.markdown("m", "# ü\n\nline\n"), make.code("c", "1\x0c\n2", *outputs), kernelspec={"name": "x"}
    )
    nb["cells"][1]["outputs"][1]["data"]["application/json"] = {"b": [1], "a": "one\ntwo"}
    files.write(tmp_path / "nb.ipynb", nb)
    written = (tmp_path / "nb.ipynb").read_text(encoding="utf-8")
    assert written == nbformat.writes(nbformat.from_dict(nb)) + "\n"
    assert files.read(tmp_path / "nb.ipynb") == nb


def test_writing_leaves_nothing_else_behind(tmp_path: Path, make: Any) -> None:
    files.write(tmp_path / "nb.ipynb", make.notebook())
    assert [entry.name for entry in tmp_path.iterdir()] == ["nb.ipynb"]
    with pytest.raises(NotebookError, match="cannot be written: No such file"):
        files.write(tmp_path / "none" / "nb.ipynb", make.notebook())
