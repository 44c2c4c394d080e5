"""Which browser the tests drive."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from course_app.errors import CourseError
from course_app.setup import apt, browser


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


def test_a_named_one_that_is_not_there_is_an_error_that_says_how_to_fix_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(browser.VARIABLE, "/no/such/browser")
    with pytest.raises(CourseError, match="COURSE_BROWSER names /no/such/browser, which is not there; unset it"):
        browser.find_browser()


def test_a_package_of_debian_where_it_can_be_installed(
    nothing_installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apt, "distribution", lambda: "debian")
    monkeypatch.setattr(apt, "why_not", lambda: None)
    monkeypatch.setattr(apt, "install", lambda names: bool(put(nothing_installed, names[0])))
    assert browser.ensure_browser() == nothing_installed / "chromium"


@pytest.mark.parametrize(("system", "reason"), [("debian", "this needs root"), ("ubuntu", None)])
def test_everybody_else_gets_playwrights_own(
    nothing_installed: Path, monkeypatch: pytest.MonkeyPatch, system: str, reason: str | None
) -> None:
    monkeypatch.setattr(apt, "distribution", lambda: system)
    monkeypatch.setattr(apt, "why_not", lambda: reason)
    ran: list[list[str]] = []

    def run(words: list[str], **_: object) -> None:
        ran.append(words)
        put(nothing_installed, "chrome")

    monkeypatch.setattr(subprocess, "run", run)
    assert browser.ensure_browser() == nothing_installed / "chrome"
    assert ran[0][1:] == ["-m", "playwright", "install", "chromium"]


def test_a_failed_install_is_an_error_that_says_how_to_fix_it(
    nothing_installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "_install", lambda: None)
    with pytest.raises(CourseError, match="install Chromium or Chrome"):
        browser.ensure_browser()
