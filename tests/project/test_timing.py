"""Few tests may depend on the clock, and each says why (CONTRIBUTING.md, "Tests")."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.support.paths import ROOT

MOST = 15
LEAST_REASON = 20  # characters; "flaky" is none


def timing_marks(source: str) -> list[tuple[str, str]]:
    """Return the test and the reason of each `@pytest.mark.timing("reason")`.

    Raises AssertionError for a mark without a reason, and for one that is not a decorator of a test.
    """
    tree = ast.parse(source)
    found = []
    for node in ast.walk(tree):
        for mark in getattr(node, "decorator_list", []):
            if not _is_timing(mark.func if isinstance(mark, ast.Call) else mark):
                continue
            assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef), "mark tests, not classes"
            assert isinstance(mark, ast.Call) and len(mark.args) == 1, f"{node.name}: timing needs its reason"
            reason = ast.literal_eval(mark.args[0])
            assert len(reason) >= LEAST_REASON, f"{node.name}: {reason!r} is no reason"
            found.append((node.name, reason))
    assert sum(map(_is_timing, ast.walk(tree))) == len(found), (
        "the mark belongs above one test, not in pytestmark or a parameter"
    )
    return found


def _is_timing(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and ast.unparse(node) == "pytest.mark.timing"


def all_marks() -> list[tuple[Path, str, str]]:
    sources = {file: file.read_text(encoding="utf-8") for file in sorted((ROOT / "tests").rglob("test_*.py"))}
    return [(file, *mark) for file, text in sources.items() if "timing" in text for mark in timing_marks(text)]


def test_few_tests_depend_on_the_clock() -> None:
    found = all_marks()
    assert len(found) <= MOST, "\n".join(f"{file.relative_to(ROOT)}::{name}: {reason}" for file, name, reason in found)


GOOD = '@pytest.mark.timing("the limit itself is measured")\ndef test_x(): ...'


def test_a_mark_is_found_with_its_reason() -> None:
    assert timing_marks(GOOD) == [("test_x", "the limit itself is measured")]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("@pytest.mark.timing\ndef test_x(): ...", "needs its reason"),
        ('@pytest.mark.timing("flaky")\ndef test_x(): ...', "is no reason"),
        ('pytestmark = pytest.mark.timing("the whole file is slow, alas")', "above one test"),
        (f"{GOOD}\nX = pytest.param(1, marks=pytest.mark.timing('one case of it is slow'))", "above one test"),
        ('@pytest.mark.timing("a class is more than one test")\nclass TestX: ...', "not classes"),
    ],
    ids=["no-reason", "short", "module", "parameter", "class"],
)
def test_a_mark_without_a_reason_is_refused(source: str, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        timing_marks(source)
