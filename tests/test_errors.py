"""A CourseError is one line for a learner, in a notebook too."""

from __future__ import annotations

import pytest

from course_app.errors import CourseError, ManifestError, NotebookError


@pytest.mark.parametrize("kind", [CourseError, ManifestError, NotebookError])
def test_ipython_shows_one_line_and_no_traceback(kind: type[CourseError]) -> None:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shown: list[str] = []
    shell._showtraceback = lambda _kind, _value, lines: shown.extend(lines)  # type: ignore[method-assign, assignment]
    try:
        raise kind("a.ipynb is empty; restore it")
    except CourseError:
        shell.showtraceback()
    finally:
        InteractiveShell.clear_instance()
    assert shown == [f"{kind.__name__}: a.ipynb is empty; restore it"]
