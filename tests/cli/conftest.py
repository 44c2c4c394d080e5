"""A copy of the course that a command may change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from course_app import manifest
from tests.support.paths import ROOT


@pytest.fixture
def own_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> manifest.Course:
    """Return the real course, copied, as the current folder."""
    for name in ("exercises", "solutions", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / manifest.FILE_NAME, tmp_path)
    monkeypatch.chdir(tmp_path)
    return manifest.load(tmp_path)
