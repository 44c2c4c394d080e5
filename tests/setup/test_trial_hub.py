"""The trial hub's preparation: what is missing is one clear line, and what is there is kept."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from course_app.cli import main
from course_app.errors import CourseError
from course_app.setup import trial_hub
from tests.support.paths import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="JupyterHub does not run on Windows")


def test_without_node_there_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CourseError, match=r"^node is not on PATH; .*Node\.js 20") as caught:
        trial_hub.ensure_proxy(ROOT)
    assert "\n" not in str(caught.value)


def fake(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_the_proxy_is_installed_once_and_again_when_its_lock_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    deploy = tmp_path / "course" / trial_hub.DEPLOY
    deploy.mkdir(parents=True)
    (deploy / "package-lock.json").write_text("{}")
    install = (
        "mkdir -p node_modules/.bin && touch node_modules/.bin/configurable-http-proxy node_modules/.package-lock.json"
    )
    fake(tmp_path / "bin", "node", "")
    fake(tmp_path / "bin", "npm", f'echo "$1" >> calls; {install}')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    for _ in range(2):
        assert trial_hub.ensure_proxy(tmp_path / "course").is_file()
    assert (deploy / "calls").read_text().split() == ["ci"]
    later = (deploy / "node_modules" / ".package-lock.json").stat().st_mtime + 10
    os.utime(deploy / "package-lock.json", (later, later))
    trial_hub.ensure_proxy(tmp_path / "course")
    assert (deploy / "calls").read_text().split() == ["ci", "ci"]


def test_a_failed_install_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    deploy = tmp_path / "course" / trial_hub.DEPLOY
    deploy.mkdir(parents=True)
    (deploy / "package-lock.json").write_text("{}")
    fake(tmp_path / "bin", "node", "")
    fake(tmp_path / "bin", "npm", "exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(CourseError, match="could not be installed; run `npm ci` in deploy/jupyterhub"):
        trial_hub.ensure_proxy(tmp_path / "course")


def test_roster_and_password_are_made_once_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    password = trial_hub.prepare(folder, ["ada", "grace"])
    assert len(password) >= 12 and stat.S_IMODE((folder / "password").stat().st_mode) == 0o600
    assert (folder / "roster.txt").read_text().split() == ["ada", "grace"]
    assert trial_hub.prepare(folder, ["mallory"]) == password
    assert (folder / "roster.txt").read_text().split() == ["ada", "grace"]


@pytest.mark.parametrize("name", ["..", "", "a/b", "Ada", "a b", "-x", "x" * 101])
def test_a_name_that_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CourseError, match="is no name for a learner"):
        trial_hub.prepare(tmp_path / "hub", ["ada", name])
    assert not (tmp_path / "hub").exists()


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match="cannot be written: Not a directory; name another with --folder"):
        trial_hub.prepare(tmp_path / "file" / "hub", ["ada"])


def test_a_port_that_is_taken_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["hub", "--port", str(taken.getsockname()[1]), "--folder", str(tmp_path)]) == 2
    assert "is taken" in capsys.readouterr().err
