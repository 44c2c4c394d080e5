"""The texts of checks and commands, by id, from `en/*.toml`.

An id is `<file>.<table>.<name>`: `echo.1.no-prefix` stands in `en/echo.toml` under `["1"]`, or under `[all]`
where tasks share it.
A diagnosis that an exercise does not word itself falls back to `common`.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import CourseError

FOLDER = Path(__file__).parent
LANGUAGE = "en"


def diagnosis(task_id: str, name: str, /, **fields: Any) -> str:
    """Return the text of diagnosis `name` for that task, with `fields` filled in.

    Raises CourseError where neither the exercise nor `common` words it.
    """
    return _fill(template(task_id, name), fields)


def template(task_id: str, name: str) -> str:
    """Return that text with its fields in braces. Raises CourseError as `diagnosis` does."""
    slug, _, number = task_id.rpartition(".")
    tables = (_file(slug).get(number, {}), _file(slug).get("all", {}), _file("common")["diagnosis"])
    for table in tables:
        if name in table:
            return " ".join(str(table[name]).split())
    raise CourseError(
        f"no text for diagnosis {name!r} of {task_id}; add it to course_app/messages/{LANGUAGE}/{slug}.toml"
    )


def own_diagnoses(task_id: str) -> list[str]:
    """Return the names of the diagnoses that an exercise words for this task alone."""
    slug, _, number = task_id.rpartition(".")
    return list(_file(slug).get(number, {}))


def text(name: str, /, **fields: Any) -> str:
    """Return an interface text by its name in `common.toml`'s `[interface]` table."""
    return _fill(_file("common")["interface"][name], fields)


def mistake(name: str, /, **fields: Any) -> str:
    """Return the text of a common mistake by its name in `common.toml`'s `[mistake]` table."""
    return _fill(_file("common")["mistake"][name], fields)


def _fill(words: str, fields: dict[str, Any]) -> str:
    return " ".join(words.split()).format_map(fields)


@lru_cache(maxsize=64)
def _file(name: str) -> dict[str, Any]:
    path = FOLDER / LANGUAGE / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
