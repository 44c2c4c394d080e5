"""A floor imports only lower floors, and no module imports itself by way of others (docs/architecture.md)."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter

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


def imports(source: str, module: str, is_package: bool, known: set[str]) -> Iterator[tuple[str, bool]]:
    """Yield what of ours the source of `module` imports, and whether it does so while it is being imported itself."""
    tree = ast.parse(source)
    late = {
        id(inner)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef) or _is_type_checking(outer)
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = _from(node, module, is_package, known)
        else:
            continue
        yield from ((name, id(node) not in late) for name in names if name in known)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _from(node: ast.ImportFrom, module: str, is_package: bool, known: set[str]) -> list[str]:
    parts = module.split(".") if is_package else module.split(".")[:-1]
    base = parts[: len(parts) - node.level + 1] if node.level else []
    start = ".".join([*base, *([node.module] if node.module else [])])
    inner = [f"{start}.{alias.name}" for alias in node.names]
    return [name if name in known else start for name in inner]


@cache
def edges() -> list[tuple[str, str, bool]]:
    known = set(MODULES)
    return [
        (module, target, early)
        for module, path in MODULES.items()
        for target, early in imports(path.read_text(encoding="utf-8"), module, path.name == "__init__.py", known)
    ]


def breaches(found: list[tuple[str, str, bool]]) -> list[str]:
    """Return the imports that go up a floor. Within a floor, and within a package, they are free."""
    return [
        f"{module} (floor {own}) imports {target} (floor {other})"
        for module, target, _ in found
        if (own := floor_of(module)) is not None and (other := floor_of(target)) is not None and other > own
    ]


def cycle(found: list[tuple[str, str, bool]]) -> list[str]:
    """Return the modules of one cycle of imports that happen while modules are imported, or an empty list."""
    graph: dict[str, set[str]] = {}
    for module, target, early in found:
        if early and not module.startswith(f"{target}."):  # a package is imported before what it holds, always
            graph.setdefault(module, set()).add(target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_every_module_has_a_floor() -> None:
    homeless = {".".join(module.split(".")[:2]) for module in MODULES if module != PACKAGE and floor_of(module) is None}
    assert homeless == set(), "give each a line with its floor in docs/architecture.md"


def test_no_floor_imports_a_higher_one() -> None:
    assert breaches(edges()) == []


def test_no_import_cycles() -> None:
    assert cycle(edges()) == []


def test_apps_import_nothing_else_of_ours() -> None:
    """`fastapi dev course_app/apps/echo.py` must run as it stands."""
    apps = f"{PACKAGE}.apps"
    ours = [(module, target) for module, target, _ in edges() if module.startswith(apps)]
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
        ("import course_app.a", {("course_app.a", True)}),
        ("from . import a", {("course_app.a", True)}),
        ("from .a import b", {("course_app.a", True)}),
        ("from .p import m, other", {("course_app.p.m", True), ("course_app.p", True)}),
        ("def f():\n    from .a import b", {("course_app.a", False)}),
        ("if TYPE_CHECKING:\n    from .a import b", {("course_app.a", False)}),
        ("import json\nfrom asyncio import run", set()),
    ],
)
def test_imports_are_found(source: str, found: set[tuple[str, bool]]) -> None:
    known = {"course_app", "course_app.a", "course_app.p", "course_app.p.m"}
    assert set(imports(source, "course_app.x", False, known)) == found


def test_breaches_and_cycles_are_found() -> None:
    up = ("course_app.nb.tidy", "course_app.grading.engine", False)
    assert breaches([up]) == ["course_app.nb.tidy (floor 2) imports course_app.grading.engine (floor 8)"]
    assert breaches([(up[1], up[0], True)]) == []
    assert set(cycle([("a", "b", True), ("b", "c", True), ("c", "a", True)])) == {"a", "b", "c"}
    assert cycle([("a", "b", True), ("b", "a", False)]) == []
