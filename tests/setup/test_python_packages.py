"""Lock files against what is installed."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from course_app.errors import CourseError
from course_app.setup.python_packages import Difference, Pin, differences, install_command, read_lock


def write(folder: Path, text: str) -> Path:
    path = folder / "some.lock"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_names_versions_and_markers_past_hashes_and_comments(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "# a comment==1\n"
        "one==1.0 \\\n    --hash=sha256:aa==bb \\\n    --hash=sha256:cc\n    # via two==2\n"
        "two-more==2.0 ; sys_platform == 'win32' \\\n    --hash=sha256:dd\n"
        "three==3.0\n",
    )
    assert read_lock(path) == (
        Pin("one", "1.0"),
        Pin("two-more", "2.0", "sys_platform == 'win32'"),
        Pin("three", "3.0"),
    )


def test_what_is_missing_or_other_is_a_difference_and_what_is_right_is_not(tmp_path: Path) -> None:
    right = version("fastapi")
    path = write(tmp_path, f"fastapi=={right}\nuvicorn==0.0.1\nno-such-package==9\n")
    assert differences(path) == [
        Difference("uvicorn", "0.0.1", version("uvicorn")),
        Difference("no-such-package", "9", None),
    ]


def test_a_package_for_another_platform_is_no_difference(tmp_path: Path) -> None:
    assert differences(write(tmp_path, "no-such-package==9 ; sys_platform == 'a-toaster'\n")) == []


@pytest.mark.parametrize("text", ["", "just words\n"])
def test_a_lock_that_pins_nothing_is_an_error_that_says_how_to_fix_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(CourseError, match=r"some\.lock pins no package; `git checkout some\.lock`"):
        read_lock(write(tmp_path, text))


def test_a_lock_that_is_not_there_is_an_error_that_says_how_to_fix_it(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="git checkout none.lock"):
        read_lock(tmp_path / "none.lock")


def test_uv_is_taken_where_uv_run_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UV", "/opt/uv")
    command = install_command(tmp_path / "x.lock")
    assert command[0] == "/opt/uv"
    assert "--require-hashes" in command


def test_without_uv_pip_installs_and_without_either_the_error_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("course_app.setup.python_packages.find_uv", lambda: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert install_command(tmp_path / "x.lock")[1:4] == ["-m", "pip", "install"]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(CourseError, match="install uv"):
        install_command(tmp_path / "x.lock")
