"""Zip files: read in memory, within bounds, and one problem per member that cannot be taken."""

from __future__ import annotations

import io
import stat
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from course_app.errors import NotebookError
from course_app.grading import archive
from course_app.grading.archive import members, read_member

MOST = 1000


def zipped(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return data.getvalue()


def write(path: Path, files: dict[str, bytes]) -> Path:
    path.write_bytes(zipped(files))
    return path


def test_notebooks_are_found_in_folders_and_in_zips(tmp_path: Path) -> None:
    inner = zipped({"homework/03_echo.ipynb": b"two", "notes.txt": b"no notebook"})
    path = write(tmp_path / "all.zip", {"ada/03_echo.ipynb": b"one", "bob_1_2_work.zip": inner, "read.me": b""})
    first, second = members(path, MOST)
    assert (first.inside, first.parts, first.problem) == (("ada/03_echo.ipynb",), ("ada", "03_echo.ipynb"), "")
    assert second.parts == ("bob", "03_echo.ipynb"), "the zip file's name is the student's"
    assert read_member(path, first.inside, MOST) == b"one"
    assert read_member(path, second.inside, MOST) == b"two"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("../../etc/x.ipynb", "points out of its zip file"),
        ("/etc/x.ipynb", "points out of its zip file"),
        ("C:\\x.ipynb", "points out of its zip file"),
        ("x.ipynb/", "is a folder"),
    ],
)
def test_a_path_that_leads_elsewhere_is_a_problem(tmp_path: Path, name: str, problem: str) -> None:
    (found,) = members(write(tmp_path / "a.zip", {name: b""}), MOST)
    assert problem in found.problem and ".." not in found.parts


def test_a_link_and_an_encrypted_member_are_problems(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr(link, "/etc/passwd")
        made.writestr("locked.ipynb", "x")
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1  # the flag of encryption, in the central directory
    (tmp_path / "a.zip").write_bytes(data)
    found = [member.problem for member in members(tmp_path / "a.zip", MOST)]
    assert "is a symbolic link" in found[0] and "is encrypted" in found[1]


def test_a_member_that_is_larger_than_it_says_is_not_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", {"a.ipynb": b"x" * (MOST + 1)})
    (found,) = members(path, MOST)
    assert "has 1,001 bytes, more than 1,000" in found.problem
    with pytest.raises(NotebookError, match="has more than 1,000 bytes"):
        read_member(path, ("a.ipynb",), MOST)


def test_a_zip_in_a_zip_in_a_zip_is_too_deep(tmp_path: Path) -> None:
    deep = zipped({"middle.zip": zipped({"inner.zip": zipped({"a.ipynb": b"x"})})})
    (tmp_path / "a.zip").write_bytes(deep)
    (found,) = members(tmp_path / "a.zip", MOST)
    assert "too deep inside others" in found.problem


def test_too_many_members_and_too_many_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.zip", {f"{n}.ipynb": b"x" * 10 for n in range(3)})
    monkeypatch.setattr(archive, "MAX_MEMBERS", 2)
    with pytest.raises(NotebookError, match="holds 3 files, more than 2"):
        members(path, MOST)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    monkeypatch.setattr(archive, "MAX_TOTAL", 29)
    with pytest.raises(NotebookError, match="would unpack to 30 bytes, more than 29"):
        members(path, MOST)


@pytest.mark.parametrize("data", [b"", b"hello", zipped({"a.ipynb": b"x"})[:-10]])
def test_what_is_no_zip_file_is_one_line(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(NotebookError, match=r"^a\.zip is no zip file that can be read: .*; hand it in again$"):
        members(tmp_path / "a.zip", MOST)


def test_a_damaged_member_is_one_line_and_an_impossible_date_is_no_fault(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", {"a.ipynb": b"x" * 500})
    data = bytearray(path.read_bytes())
    data[len("PK") + 28 + len("a.ipynb") + 1] ^= 0xFF  # behind the local header and the name
    where = data.rindex(b"PK\x01\x02")
    data[where + 12 : where + 16] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    (found,) = members(path, MOST)
    assert found.received == datetime(1980, 1, 1).astimezone()
    with pytest.raises(NotebookError, match="cannot be unpacked"):
        read_member(path, found.inside, MOST)
