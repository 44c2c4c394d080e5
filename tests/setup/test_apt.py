"""Debian's packages: installed without starting services, and only by who may."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from course_app.setup import apt


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
