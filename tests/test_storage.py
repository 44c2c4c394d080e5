"""Files are replaced whole, and no backup replaces another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from course_app.storage import back_up, stamp, write_atomically


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new" and list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file_and_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="a link needs rights on Windows")
def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"somebody else's")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "target").read_bytes() == b"somebody else's"
    assert not (tmp_path / "link").is_symlink()


def test_backups_do_not_replace_each_other(tmp_path: Path) -> None:
    path = tmp_path / "03_echo.ipynb"
    path.write_text("one")
    first = back_up(path, tmp_path / "kept" / "here")
    path.write_text("two")
    second = back_up(path, tmp_path / "kept" / "here")
    assert (first.read_text(), second.read_text()) == ("one", "two")
    assert first.suffix == ".ipynb" and first.name.startswith("03_echo.") and first.name < second.name


def test_stamps_sort_by_time_and_are_file_names() -> None:
    stamps = [stamp() for _ in range(50)]
    assert stamps == sorted(stamps)
    assert not set(stamps[0]) & set('/\\:*?"<>| ')
