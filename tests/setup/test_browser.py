"""Which browser the tests drive."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_app.errors import CourseError
from course_app.setup import browser


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with no browser at all; returns the only folder on its PATH."""
    monkeypatch.delenv(browser.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "ELSEWHERE", {})
    monkeypatch.setattr(browser, "_downloaded", lambda: None)
    return tmp_path


def put(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_none_where_none_is_installed(nothing_installed: Path) -> None:
    assert browser.find_browser() is None


@pytest.mark.parametrize("name", ["google-chrome", "chromium"])
def test_an_installed_one_is_found_on_the_path(nothing_installed: Path, name: str) -> None:
    path = put(nothing_installed, name)
    assert browser.find_browser() == path


def test_the_named_one_goes_first(nothing_installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(nothing_installed, "chromium")
    mine = put(nothing_installed, "mine")
    monkeypatch.setenv(browser.VARIABLE, str(mine))
    assert browser.find_browser() == mine


def test_a_named_one_that_is_not_there_is_an_error_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(browser.VARIABLE, "/no/such/browser")
    with pytest.raises(CourseError, match="COURSE_BROWSER names /no/such/browser, which is not there; unset it"):
        browser.find_browser()


def test_root_on_debian_installs_the_package(nothing_installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(nothing_installed, "apt-get")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(browser, "_distribution", lambda: "debian")
    assert browser._install_commands()[-1][-2:] == ["chromium", "fonts-dejavu-core"]


@pytest.mark.parametrize(("user", "system"), [(1000, "debian"), (0, "ubuntu")])
def test_everybody_else_gets_playwrights_own(
    nothing_installed: Path, monkeypatch: pytest.MonkeyPatch, user: int, system: str
) -> None:
    put(nothing_installed, "apt-get")
    monkeypatch.setattr("os.geteuid", lambda: user)
    monkeypatch.setattr(browser, "_distribution", lambda: system)
    ((*_, playwright, install, what),) = browser._install_commands()
    assert (playwright, install, what) == ("playwright", "install", "chromium")


def test_a_failed_install_is_an_error_with_the_way_out(
    nothing_installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "_install_commands", lambda: [["/bin/sh", "-c", "exit 1"]])
    with pytest.raises(CourseError, match="install Chromium or Chrome"):
        browser.ensure_browser()
