"""What the tests need of the system is found, installed, or asked for by name."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

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


def test_what_cannot_be_had_is_named_with_the_way_out(
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


@pytest.fixture
def apt_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose apt-get writes down what it is asked, and whether services may start meanwhile."""
    script = f'#!/bin/sh\necho "$@ $(cat {tmp_path}/policy | tail -1)" >>{tmp_path}/asked\n'
    (tmp_path / "apt-get").write_text(script, encoding="utf-8")
    (tmp_path / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(apt, "INSTALL", apt.INSTALL.replace("/usr/sbin/policy-rc.d", str(tmp_path / "policy")))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return tmp_path


@pytest.mark.skipif(os.name == "nt", reason="Debian's installer is a shell script")
def test_no_service_starts_while_packages_are_installed(apt_machine: Path) -> None:
    assert apt.install(["one", "two"])
    update, install = (apt_machine / "asked").read_text(encoding="utf-8").splitlines()
    assert update.endswith("update exit 101")
    assert install.endswith("install -y --no-install-recommends one two exit 101")
    assert not (apt_machine / "policy").exists(), "what this machine does with its services later is its owner's affair"


@pytest.mark.skipif(os.name == "nt", reason="Debian's installer is a shell script")
def test_a_policy_of_the_owners_stays(apt_machine: Path) -> None:
    (apt_machine / "policy").write_text("mine", encoding="utf-8")
    assert apt.install(["one"])
    assert (apt_machine / "policy").read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(os.name == "nt", reason="Debian's installer is a shell script")
def test_apts_failure_is_told(apt_machine: Path) -> None:
    (apt_machine / "apt-get").write_text("#!/bin/sh\nexit 100\n", encoding="utf-8")
    assert not apt.install(["one"])
    assert not (apt_machine / "policy").exists()


def test_an_ordinary_user_without_sudo_installs_nothing(apt_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    (apt_machine / "sudo").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (apt_machine / "sudo").chmod(0o755)
    assert apt.why_not() == "this needs root, or sudo without a password"


def test_sudo_without_a_password_will_do(apt_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    (apt_machine / "sudo").write_text('#!/bin/sh\nshift; exec "$@"\n', encoding="utf-8")
    (apt_machine / "sudo").chmod(0o755)
    assert apt.why_not() is None
    assert apt.install(["one"])
    assert (
        subprocess.run(["grep", "-c", "one", apt_machine / "asked"], capture_output=True, text=True).stdout.strip()
        == "1"
    )
