"""What the tests need of the system is found, installed, or asked for by name."""

from __future__ import annotations

import pytest

from course_app.errors import CourseError
from course_app.setup import apt, system_packages
from course_app.setup.system_packages import Program


class Shelf:
    """Programs that a fake package manager puts where they are looked for."""

    def __init__(self) -> None:
        self.there: set[str] = set()
        self.asked: list[list[str]] = []

    def program(self, name: str) -> Program:
        def look() -> str:
            if name not in self.there:
                raise CourseError(f"{name} is not installed: get {name}")
            return name

        return Program(look, f"{name}-server", name)

    def install(self, packages: list[str]) -> bool:
        self.asked.append(packages)
        self.there |= {package.removesuffix("-server") for package in packages}
        return True


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    made = Shelf()
    monkeypatch.setattr(apt, "why_not", lambda: None)
    monkeypatch.setattr(apt, "install", made.install)
    return made


def test_only_what_is_missing_is_installed_and_in_one_go(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    shelf.there.add("b")
    system_packages.ensure([shelf.program(name) for name in "abc"])
    assert shelf.asked == [["a-server", "c-server"]]
    assert capsys.readouterr().out == "installing a-server and c-server with apt-get\n"


def test_nothing_is_asked_for_where_all_is_there(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    shelf.there.add("a")
    system_packages.ensure([shelf.program("a")])
    assert (shelf.asked, capsys.readouterr().out) == ([], "")


def test_what_cannot_be_had_is_named_that_says_how_to_fix_it(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(apt, "why_not", lambda: "this needs root, or sudo without a password")
    monkeypatch.setattr("shutil.which", lambda name: None)
    system_packages.ensure([shelf.program("a")])
    assert capsys.readouterr().out == (
        "nothing can be installed here: this needs root, or sudo without a password\na is not installed: get a\n"
    )


def test_the_servers_of_the_lessons_are_here() -> None:
    assert (system_packages.REDIS.missing, system_packages.NGINX.missing) == ("", "")
