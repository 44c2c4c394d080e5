"""The names that a cell binds."""

from __future__ import annotations

import pytest

from course_app.nb.bindings import bound_names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("app = FastAPI()\nasync def echo(ws): pass\nclass Room: pass", {"app", "echo", "Room"}),
        ("a, (b, c) = 1, (2, 3)\nd: int = 4\nrooms['x'] = 1\nroom.name = 'y'", {"a", "b", "c", "d"}),
        ("print(app)\nif app == 1: pass\ndef f():\n    inner = 1", {"f"}),
        ("%time app = FastAPI()\n!pip list\nanswer = 1", {"answer"}),
        ("app = FastAPI(\nasync def echo(ws:\n  pass", {"app", "echo"}),
        ("x = " + "[" * 100_000, {"x"}),
        ("", set()),
    ],
)
def test_names_bound_at_the_top_level(source: str, names: set[str]) -> None:
    assert bound_names(source) == names
