"""Modules and functions are small, have their tests beside them, say what they do, and are found by their name."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PACKAGE = ROOT / "course_app"
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
LINES_OF_A_MODULE = 350
LINES_OF_A_FUNCTION = 50

# Modules without a test file at their own path, each with where it is tested or why it is not.
WITHOUT_TESTS = {
    "apps/broker/errors.py": "tests/apps/broker/test_base_faults.py has every broker raise them",
    "apps/broker/redis_pubsub.py": "tests/apps/broker/test_base.py holds every broker to one contract",
    "apps/manager_concurrent.py": "tests/apps/test_manager_ladder.py compares the rungs",
    "apps/manager_departures.py": "tests/apps/test_manager_ladder.py compares the rungs",
    "apps/manager_queues.py": "tests/apps/test_manager_ladder.py compares the rungs",
    "apps/manager_textbook.py": "tests/apps/test_manager_ladder.py compares the rungs",
    "cli/__main__.py": "every test that runs `python -m course_app.cli` runs it",
    "kernels/conventions.py": "constants",
    "nbval_plugin/mismatch.py": "a dataclass without a method",
    "site/conf.py": "Sphinx reads it, in tests/browser/test_site.py",
}
# Checks are tried on answers: tests/content/test_answers.py asks for two wrong ones and a right one of each task.
TRIED_ON_ANSWERS = "checks/exercises/"
# Folders in which a module may be named as one elsewhere, each with the reason.
NAMED_ALIKE = {
    "apps/": "a program is named as its lesson, and as in the textbook",
    "checks/exercises/": "a check is named as its exercise or the tasks that it holds",
    "cli/commands/": "a command is named as what it commands",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text(encoding="utf-8"))


def long_parts(module: str, source: str) -> Iterator[str]:
    """Yield the module where it has too many lines, and each function that has."""
    lines = source.count("\n")
    if lines > LINES_OF_A_MODULE:
        yield f"{module}: {lines} lines"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Function):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LINES_OF_A_FUNCTION:
                yield f"{module}::{node.name}: {lines} lines"


def without_docstring(module: str, parsed: ast.Module) -> Iterator[str]:
    """Yield what is public and has no docstring: the module, its functions and classes, and their methods.

    What overrides a method of a base class of ours or another's is documented there; so `@override` and the names
    with two underscores need none.
    """
    if not ast.get_docstring(parsed):
        yield module
    for name, node in _public(parsed.body, ""):
        if not ast.get_docstring(node):
            yield f"{module}::{name}"


def _public(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Definition]]:
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            marks = [ast.unparse(mark) for mark in node.decorator_list]
            if not any(mark.endswith((".setter", "overload", "override")) for mark in marks):
                yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body, f"{node.name}.")


def test_modules_and_functions_are_small() -> None:
    assert [one for module in MODULES for one in long_parts(module, (PACKAGE / module).read_text("utf-8"))] == []


def test_every_module_has_its_tests_beside_it() -> None:
    untested = {
        module
        for module in MODULES
        if Path(module).stem != "__init__"
        and not module.startswith(TRIED_ON_ANSWERS)
        and not (ROOT / "tests" / module).with_name(f"test_{Path(module).name}").is_file()
    }
    assert untested - WITHOUT_TESTS.keys() == set()
    assert WITHOUT_TESTS.keys() - untested == set(), "what has tests needs no reason for having none"


def test_what_is_public_says_what_it_does() -> None:
    """Programs of lessons are explained in their lessons, and equal them letter for letter."""
    ours = [module for module in MODULES if not module.startswith("apps/")]
    assert [one for module in ours for one in without_docstring(module, tree(module))] == []


def test_a_name_means_one_module() -> None:
    """`go to file` finds one."""
    stems = Counter(Path(module).stem for module in MODULES if not module.startswith(tuple(NAMED_ALIKE)))
    assert {stem for stem, times in stems.items() if times > 1} == {"__init__"}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = 1\n" * 351, ["m.py: 351 lines"]),
        ("def f():\n" + "    x = 1\n" * 50, ["m.py::f: 51 lines"]),
        ("class A:\n    async def f(self):\n" + "        x = 1\n" * 50, ["m.py::f: 51 lines"]),
        ("x = 1\n" * 350 + "", []),
        ("def f():\n" + "    x = 1\n" * 49, []),
    ],
    ids=["module", "function", "method", "short-module", "short-function"],
)
def test_long_parts_are_found(source: str, found: list[str]) -> None:
    assert list(long_parts("m.py", source)) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f(): ...", ["m.py", "m.py::f"]),
        ('"""M."""\nclass A:\n    def f(self): ...\n    def _g(self): ...', ["m.py::A", "m.py::A.f"]),
        ('"""M."""\ndef f():\n    """F."""\n    def inner(): ...', []),
        ('"""M."""\ndef _f(): ...\nclass _A:\n    def f(self): ...', []),
    ],
    ids=["module", "method", "inner", "private"],
)
def test_missing_docstrings_are_found(source: str, found: list[str]) -> None:
    assert list(without_docstring("m.py", ast.parse(source))) == found
