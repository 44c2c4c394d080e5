"""The fingerprint: another interpreter, another package or another source is another fork server."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from course_app.kernels.fork import fingerprint as module
from course_app.kernels.fork.fingerprint import fingerprint


@pytest.fixture(autouse=True)
def read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FRESH_SECONDS", 1e-9)


def test_it_is_the_same_while_nothing_changes():
    assert fingerprint() == fingerprint()


def test_an_environment_variable_of_python_changes_it(monkeypatch):
    before = fingerprint()
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    assert fingerprint() != before


def test_an_installed_distribution_changes_it(tmp_path, monkeypatch):
    packages = tmp_path / "site-packages"
    (packages / "one-1.0.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(packages)])
    before = fingerprint()
    (packages / "one-1.0.dist-info").rename(packages / "one-1.1.dist-info")
    assert fingerprint() != before


def test_a_changed_source_changes_it(tmp_path, monkeypatch):
    source = tmp_path / "course_app" / "kernels" / "fork" / "fingerprint.py"
    source.parent.mkdir(parents=True)
    source.write_text("", encoding="utf-8")
    monkeypatch.setattr(module, "__file__", str(source))
    before = fingerprint()
    os.utime(source, ns=(1, 1))
    assert fingerprint() != before
    assert Path(module.__file__) == source
