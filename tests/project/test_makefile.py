"""`make` sets up once, says what is missing, and hands options on. Stand-ins for heavy programs note their words."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.paths import ROOT

MAKE = shutil.which("make")
pytestmark = pytest.mark.skipif(
    MAKE is None, reason="no make on this machine; the README's way without it is tested elsewhere"
)

STAND_IN = """#!/bin/sh
echo "$(basename "$0") $*" >> "$LOG"
case "$*" in
venv*) mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
"-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
"-m pip install"*) cp "$0" .venv/bin/uv ;;
"-c import sys"*) exit "${TOO_OLD:-0}" ;;
"-V") echo "Python 3.9.1" ;;
esac
"""


class Clone:
    """A copy of what `make` reads, with a PATH on which only stand-ins and the shell's own tools are."""

    def __init__(self, folder: Path) -> None:
        self.root, self.bin, self.log = folder / "clone", folder / "bin", folder / "log"
        self.root.mkdir()
        self.bin.mkdir()
        for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-uv.lock"):
            shutil.copy(ROOT / name, self.root / name)
        shutil.copytree(ROOT / "scripts", self.root / "scripts")
        for tool in ("sh", "cat", "echo", "mkdir", "cp", "rm", "basename", "dirname", "touch"):
            found = shutil.which(tool)
            assert found
            (self.bin / tool).symlink_to(found)

    def has(self, *names: str) -> Clone:
        for name in names:
            path = self.bin / name
            path.write_text(STAND_IN, encoding="utf-8")
            path.chmod(0o755)
        return self

    def make(self, *words: str, code: int = 0, **variables: str) -> list[str]:
        """Run make; return the words that the stand-ins were called with. `said` keeps what it printed."""
        self.log.write_text("", encoding="utf-8")
        environment = {"PATH": str(self.bin), "LOG": str(self.log), **variables}
        assert MAKE
        done = subprocess.run(
            [MAKE, *words], cwd=self.root, env=environment, capture_output=True, text=True, timeout=60
        )
        self.said = done.stdout + done.stderr
        assert (done.returncode != 0) == (code != 0), self.said
        return self.log.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def installs(calls: list[str]) -> list[str]:
    return [call for call in calls if "install" in call]


def test_uv_on_the_path_is_used(clone: Clone) -> None:
    calls = clone.has("uv").make("lab")
    assert calls[0] == "uv venv --quiet --python >=3.11 .venv"
    assert "--require-hashes -r requirements.lock" in calls[1]
    assert "--no-deps --no-build-isolation --editable ." in calls[2]
    assert calls[-1] == "python -m course_app.cli lab"


def test_without_uv_pip_gets_it_into_the_project(clone: Clone) -> None:
    calls = clone.has("python3").make("lab")
    assert "python3 -m venv .venv" in calls
    (by_pip,) = (call for call in calls if call.startswith("python -m pip install"))
    assert by_pip.endswith("--require-hashes -r requirements-uv.lock")
    assert (clone.root / ".venv/bin/uv").exists()
    assert any(call.startswith("uv pip install") for call in calls)


def test_the_second_time_nothing_is_installed(clone: Clone) -> None:
    assert installs(clone.has("uv").make("lab"))
    assert clone.make("lab") == ["python -m course_app.cli lab"]


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_file_installs_again(clone: Clone, name: str) -> None:
    clone.has("uv").make("lab")
    later = time.time() + 5
    os.utime(clone.root / name, (later, later))
    assert installs(clone.make("lab"))


def test_a_moved_clone_is_set_up_again(clone: Clone) -> None:
    clone.has("uv").make("lab")
    clone.root = clone.root.rename(clone.root.with_name("moved"))
    calls = clone.make("lab")
    assert "this folder has moved" in clone.said
    assert calls[0].startswith("uv venv")


def test_an_install_that_fails_is_tried_again(clone: Clone) -> None:
    clone.has("uv")
    working = (clone.bin / "uv").read_text(encoding="utf-8")
    (clone.bin / "uv").write_text(working + 'case "$*" in *requirements.lock) exit 1;; esac\n', encoding="utf-8")
    clone.make("lab", code=1)
    (clone.bin / "uv").write_text(working, encoding="utf-8")
    assert installs(clone.make("lab"))


def test_a_python_that_is_too_old_is_named_in_one_line(clone: Clone) -> None:
    clone.has("python3").make("lab", code=1, TOO_OLD="1")
    told = [line for line in clone.said.splitlines() if line.startswith("course: ")]
    assert len(told) == 1
    assert "Python 3.11 or newer is needed and Python 3.9.1 is all there is; install one" in told[0]
    assert not (clone.root / ".venv").exists()


def test_a_newer_python_beside_an_old_one_is_found(clone: Clone) -> None:
    clone.has("python3", "python3.12")
    old = (clone.bin / "python3").read_text(encoding="utf-8").replace("${TOO_OLD:-0}", "1")
    (clone.bin / "python3").write_text(old, encoding="utf-8")
    assert "python3.12 -m venv .venv" in clone.make("lab")


@pytest.mark.parametrize(
    ("words", "handed_on"),
    [
        (["PORT=8890"], "lab --port 8890"),
        (["BROWSER=no"], "lab --no-browser"),
        (["ARGS=--no-browser"], "lab --no-browser"),
        (["PORT=8890", "BROWSER=no"], "lab --port 8890 --no-browser"),
    ],
)
def test_options_are_handed_on(clone: Clone, words: list[str], handed_on: str) -> None:
    assert clone.has("uv").make("lab", *words)[-1] == f"python -m course_app.cli {handed_on}"


def test_a_browser_in_the_environment_is_left_to_python(clone: Clone) -> None:
    assert clone.has("uv").make("lab", BROWSER="firefox")[-1] == "python -m course_app.cli lab"


def test_make_alone_lists_what_there_is(clone: Clone) -> None:
    assert clone.make() == []
    for target in ("make lab", "make test", "make doctor", "make lock"):
        assert target in clone.said


@pytest.mark.parametrize(
    "script", [ROOT / "scripts" / "environment.sh", ROOT / ".ci" / "run"], ids=lambda path: path.name
)
def test_shell_parses(script: Path) -> None:
    bash = shutil.which("bash")
    assert bash
    assert subprocess.run([bash, "-n", str(script)], check=False).returncode == 0
    assert os.access(script, os.X_OK) or sys.platform == "win32"
