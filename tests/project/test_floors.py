"""A floor imports only lower floors, and no module imports itself by way of others (docs/architecture.md).

Imports inside functions and under TYPE_CHECKING count like all others.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest

from tests.support.paths import ROOT

PACKAGE = "course_app"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / PACKAGE).rglob("*.py"))
}


@cache
def floors() -> dict[str, int]:
    """Return the floors that docs/architecture.md gives, by name of module or package."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^  (\w+)(?:\.py|/)\s.*\bfloor (\d+)\s*$", text, re.MULTILINE)
    return {f"{PACKAGE}.{name}": int(floor) for name, floor in rows}


def floor_of(module: str) -> int | None:
    """Return the floor of a module, which is its first-level package's or its own; None for the package itself."""
    return floors().get(".".join(module.split(".")[:2]))


def imports(source: str, module: str, is_package: bool, known: set[str]) -> Iterator[str]:
    """Yield the modules among `known` that the source of `module` imports anywhere."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = _from(node, module, is_package, known)
        else:
            continue
        yield from (name for name in names if name in known)


def _from(node: ast.ImportFrom, module: str, is_package: bool, known: set[str]) -> list[str]:
    parts = module.split(".") if is_package else module.split(".")[:-1]
    base = parts[: len(parts) - node.level + 1] if node.level else []
    start = ".".join([*base, *([node.module] if node.module else [])])
    inner = [f"{start}.{alias.name}" for alias in node.names]
    return [name if name in known else start for name in inner]


@cache
def edges() -> list[tuple[str, str]]:
    """Return every import among our modules: who imports, and what."""
    known = set(MODULES)
    return [
        (module, target)
        for module, path in MODULES.items()
        for target in imports(path.read_text(encoding="utf-8"), module, path.name == "__init__.py", known)
    ]


def breaches(found: list[tuple[str, str]]) -> list[str]:
    """Return the imports that go up a floor. Within a floor, and within a package, they are free."""
    return [
        f"{module} (floor {own}) imports {target} (floor {other})"
        for module, target in found
        if (own := floor_of(module)) is not None and (other := floor_of(target)) is not None and other > own
    ]


def cycles(found: list[tuple[str, str]]) -> set[frozenset[str]]:
    """Return each largest set of modules that all import each other, directly or by way of others."""
    graph: dict[str, set[str]] = {}
    for module, target in found:
        graph.setdefault(module, set()).add(target)
    reached = {module: _reached(module, graph) for module in graph}
    return {
        frozenset(other for other in reached[module] if module in reached.get(other, ()))
        for module in graph
        if module in reached[module]
    }


def _reached(start: str, graph: dict[str, set[str]]) -> set[str]:
    """Return what `start` imports, directly or by way of others."""
    seen: set[str] = set()
    waiting = [*graph[start]]
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += graph.get(module, ())
    return seen


def test_every_module_has_a_floor() -> None:
    without = {".".join(module.split(".")[:2]) for module in MODULES if module != PACKAGE and floor_of(module) is None}
    assert without == set(), "give each a line with its floor in docs/architecture.md"


def test_no_floor_imports_a_higher_one() -> None:
    assert breaches(edges()) == []


def test_no_import_cycles() -> None:
    assert cycles(edges()) == set()


def test_apps_import_nothing_else_of_ours() -> None:
    """`fastapi dev course_app/apps/echo.py` must run as it stands."""
    apps = f"{PACKAGE}.apps"
    ours = [(module, target) for module, target in edges() if module.startswith(apps)]
    assert [(module, target) for module, target in ours if not target.startswith(apps)] == []


def test_notebook_functions_need_no_server() -> None:
    code = "import sys, course_app.nb.transplant, course_app.authoring.build; print(sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert {"fastapi", "uvicorn", "websockets", "nbformat", "pytest"} & set(ast.literal_eval(run.stdout)) == set()


def test_a_kernel_that_imports_the_package_pays_for_no_test_tools() -> None:
    code = "import sys, course_app; [getattr(course_app, name) for name in dir(course_app)]; print(sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert {"pytest", "nbval", "nbformat"} & set(ast.literal_eval(run.stdout)) == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import course_app.a", {"course_app.a"}),
        ("from . import a", {"course_app.a"}),
        ("from .a import b", {"course_app.a"}),
        ("from .p import m, other", {"course_app.p.m", "course_app.p"}),
        ("def f():\n    from .a import b", {"course_app.a"}),
        ("if TYPE_CHECKING:\n    from .a import b", {"course_app.a"}),
        ("import json\nfrom asyncio import run", set()),
    ],
)
def test_imports_are_found(source: str, found: set[str]) -> None:
    known = {"course_app", "course_app.a", "course_app.p", "course_app.p.m"}
    assert set(imports(source, "course_app.x", False, known)) == found


def test_breaches_and_cycles_are_found() -> None:
    up = ("course_app.nb.tidy", "course_app.grading.engine")
    assert breaches([up]) == ["course_app.nb.tidy (floor 2) imports course_app.grading.engine (floor 8)"]
    assert breaches([(up[1], up[0])]) == []
    assert cycles([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")]) == {frozenset("abc")}
    assert cycles([("p.a", "p"), ("p", "p.a"), ("x", "y")]) == {frozenset({"p", "p.a"})}
    assert cycles([("a", "b"), ("b", "c"), ("a", "c")]) == set()
