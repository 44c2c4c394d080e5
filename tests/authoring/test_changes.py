"""A generated file is written where it differs, and a check writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_app.authoring.changes import update
from course_app.errors import NotebookError


def test_a_file_that_is_right_is_no_change(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("text\n", encoding="utf-8")
    assert update(tmp_path / "a.md", "text\n", tmp_path, check=False) == []


def test_a_check_shows_the_difference_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "docs" / "a.md"
    (change,) = update(path, "new\n", tmp_path, check=True)
    assert change.path == path and "--- docs/a.md (now)\n+++ docs/a.md (should be)\n" in change.diff
    assert "+new\n" in change.diff and not path.exists()


def test_a_difference_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "docs" / "a.md"
    assert len(update(path, "new\n", tmp_path, check=False)) == 1
    assert path.read_text(encoding="utf-8") == "new\n"
    assert update(path, "new\n", tmp_path, check=False) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.md").mkdir()
    with pytest.raises(NotebookError, match=r"a\.md cannot be written"):
        update(tmp_path / "a.md", "new\n", tmp_path, check=False)
