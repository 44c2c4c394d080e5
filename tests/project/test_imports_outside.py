"""Programs outside the package import names that it has: they run by hand or on a hub, and would fail there."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PROGRAMS = [
    path
    for folder in ("benchmarks", "deploy", "scripts")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "node_modules" not in path.parts
]


def imported(source: str) -> Iterator[tuple[str, str]]:
    """Yield module and name of each import of ours; the name is empty where the module itself is imported."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "course_app":
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.partition(".")[0] == "course_app")


def exists(module: str, name: str) -> bool:
    """Return whether a module can be imported and has the name, as an attribute or as a module in it."""
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError:
        return False
    return not name or hasattr(found, name) or exists(f"{module}.{name}", "")


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_program_imports_what_there_is(path: Path) -> None:
    missing = [
        f"{module}: {name}" for module, name in imported(path.read_text(encoding="utf-8")) if not exists(module, name)
    ]
    assert missing == []


def test_a_missing_name_is_found() -> None:
    source = "from course_app.setup import lab_server, nothing\nimport course_app.nowhere\nimport json"
    assert [pair for pair in imported(source) if not exists(*pair)] == [
        ("course_app.setup", "nothing"),
        ("course_app.nowhere", ""),
    ]
