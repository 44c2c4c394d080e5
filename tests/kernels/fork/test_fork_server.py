"""The fork server: what it clears up for managers that were killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from course_app.kernels.conventions import FOLDER_PREFIX
from course_app.kernels.fork import fork_server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")


def test_what_a_killed_manager_left_is_removed_and_what_others_use_is_not(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    own = [f"{FOLDER_PREFIX}{name}" for name in (f"{dead.pid}-abc", f"{os.getpid()}-abc", "abc")]
    names = [*own, f"other-{dead.pid}-abc"]
    for name in names:
        (tmp_path / name / "s").mkdir(parents=True)
    fork_server._remove_abandoned(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[1:])
