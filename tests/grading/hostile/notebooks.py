"""Tampering with the notebook, which the rebuild undoes, and files that are no notebook at all."""

from __future__ import annotations

import copy
import io
import json
import os
import stat
import zipfile
from pathlib import Path

from course_app.nb.files import dumps

from .story import COURSE, SOLVED, WRONG, cell, first, raw, solved, story

SAVED = [{"output_type": "stream", "name": "stdout", "text": "✔ echo.1\n"}]


@story("FUUUU", "echo.1.no-text")
def own_outputs_saved():
    nb = first(WRONG)
    cell(nb, "echo-1-check")["outputs"] = SAVED
    cell(nb, "echo-1-check")["execution_count"] = 7
    return nb


@story("PPPPP")
def outputs_cleared():
    nb = solved()
    for one in nb["cells"]:
        if one["cell_type"] == "code":
            one["outputs"], one["execution_count"] = [], None
    return nb


@story("FPPPP", "echo-1-check was missing")
def test_deleted():
    nb = first(WRONG, SOLVED)
    nb["cells"] = [one for one in nb["cells"] if not one["id"].endswith("-check")]
    return nb


@story("FUUUU", "echo-1-check was changed")
def test_edited():
    nb = first(WRONG)
    cell(nb, "echo-1-check")["source"] = "print('✔ echo.1')"
    return nb


@story("FUUUU", "echo-1-check was changed")
def test_turned_to_markdown():
    nb = first(WRONG)
    one = cell(nb, "echo-1-check")
    one["cell_type"] = "markdown"
    del one["outputs"], one["execution_count"]
    return nb


@story("PPPPP")
def test_duplicated():
    nb = solved()
    nb["cells"].append(copy.deepcopy(cell(nb, "echo-1-check")))
    return nb


@story("PPPPP", "echo-1-stub is there more than once")
def answer_duplicated():
    nb = first(WRONG, SOLVED)
    nb["cells"].append(copy.deepcopy(cell(SOLVED, "echo-1-stub")))
    return nb


@story("PFPPP")
def metadata_promises_points():
    nb = solved()
    cell(nb, "echo-2-stub")["source"] = WRONG.replace("once_app", "every_app")
    for one in nb["cells"]:
        one["metadata"]["nbgrader"] = {"points": 1000, "grade": False, "locked": False, "solution": True}
        one["metadata"]["tags"] = ["nbval-skip", "raises-exception"]
    return nb


@story("FUUUU", "gives orders to nbval")
def nbval_markers():
    nb = first(f"# NBVAL_SKIP\n#NBVAL_IGNORE_OUTPUT\n{WRONG}")
    cell(nb, "echo-1-check")["source"] = "# NBVAL_SKIP\nawait check('echo.1')"
    return nb


def beside(name: str, text: str):
    def write(folder: Path) -> None:
        (folder / name).write_text(text, encoding="utf-8")
        (folder / "03_echo.ipynb").write_text(dumps(first(WRONG)), encoding="utf-8")

    return write


@story("FUUUU", "echo.1.no-text")
def conftest_beside():
    return beside("conftest.py", "def pytest_runtest_makereport(item, call): call.excinfo = None")


@story("FUUUU", "echo.1.no-text")
def pytest_ini_beside():
    return beside("pytest.ini", "[pytest]\naddopts = --collect-only")


@story("FUUUU", "echo.1.no-text")
def sitecustomize_beside():
    return beside("sitecustomize.py", "import course_app.checks as c; c.run_check = None")


@story("FUUUU", "echo.1.no-text")
def websockets_py_beside():
    return beside("websockets.py", "raise SystemExit")


@story("PPPPP", "the time for the whole notebook was over")
def ten_thousand_cells():
    nb = solved()
    new: dict[str, object] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": "await asyncio.sleep(.01)",
    }
    nb["cells"] += [{**new, "source": "import asyncio"}, *({**new, "id": f"mine-{n}"} for n in range(10_000))]
    return nb


@story(says="more than 20,000,000")
def fifty_megabytes():
    return b" " * 50_000_000


@story(says="nbformat 3")
def nbformat_three():
    nb = solved()
    cells = nb.pop("cells")
    return raw({**nb, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells}]})


@story("PPPPP")
def null_ids():
    nb = solved()
    for one in nb["cells"]:
        one["id"] = None
    return raw(nb)


@story("PPPPP")
def duplicate_ids():
    nb = solved()
    for one in nb["cells"]:
        one["id"] = "same"
    return raw(nb)


@story("PPPPP", "stands in a cell of your own")
def ids_gone_and_metadata_too():
    nb = solved()
    for one in nb["cells"]:
        one["id"], one["metadata"] = None, {}
    return raw(nb)


@story(says="is not JSON")
def not_json():
    return b"PK this is a word processor's file"


@story(says="git's conflict marks")
def git_conflict():
    return b"<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> theirs\n"


@story(says="is not UTF-8")
def not_utf8():
    return dumps(solved()).replace("Message", "Méssage").encode("latin-1", "replace")


@story(says="is empty")
def empty_file():
    return b""


@story(says="not a notebook")
def a_list():
    return b"[1, 2, 3]"


@story(says="is not JSON that a notebook can hold")
def nested_a_hundred_thousand_deep():
    return b"[" * 100_000 + b"]" * 100_000


@story(says="cells")
def cells_that_are_numbers():
    return raw({**solved(), "cells": {"1": 2}})


@story(says="seems to be the exercise 'messages'")
def another_exercise():
    return COURSE.solution_path(COURSE.lesson("messages")).read_bytes()


@story("FUUUU")
def lone_surrogates():
    nb = first(WRONG.replace('"wrong"', '"\ud800"'))
    return json.dumps(nb).encode()


@story(says="is a folder")
def directory_named_ipynb():
    return lambda folder: (folder / "03_echo.ipynb").mkdir()


@story(says="is a symbolic link")
def symlink():
    return lambda folder: (folder / "03_echo.ipynb").symlink_to(COURSE.solution_path(COURSE.lesson("echo")))


@story(says="is no plain file")
def named_pipe():
    return lambda folder: os.mkfifo(folder / "03_echo.ipynb")


@story(says="holds no notebook")
def only_a_text_file():
    return lambda folder: (folder / "answer.txt").write_text("42")


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]):
    def write(folder: Path) -> None:
        with zipfile.ZipFile(folder / "work.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in entries:
                archive.writestr(name, data)

    return write


@story("PPPPP")
def zip_with_the_notebook():
    return zipped(("homework/03_echo.ipynb", dumps(solved()).encode()))


@story(says="more than 20,000,000")
def zip_bomb():
    return zipped(("03_echo.ipynb", bytes(200_000_000)))


@story(says="more than 20,000,000")
def zip_bomb_that_lies_about_its_size():
    def write(folder: Path) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("03_echo.ipynb", bytes(30_000_000))
        (folder / "work.zip").write_bytes(buffer.getvalue())

    return write


@story(says="points out of its zip file")
def zip_traversal():
    return zipped(("../../../../tmp/03_echo.ipynb", dumps(solved()).encode()))


@story(says="points out of its zip file")
def zip_with_an_absolute_path():
    return zipped(("/etc/03_echo.ipynb", dumps(solved()).encode()))


@story(says="is a symbolic link")
def zip_with_a_symlink():
    info = zipfile.ZipInfo("03_echo.ipynb")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zipped((info, b"/etc/passwd"))


@story(says="no zip file")
def zip_that_is_none():
    return lambda folder: (folder / "work.zip").write_bytes(b"PK\x03\x04 broken")
