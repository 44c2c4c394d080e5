"""environment.yml gives conda and Binder what requirements.lock pins.

No conda runs here. What conda would do with the pip part is done by hand, as conda does it:
the lines go into a requirements file beside environment.yml, and pip installs it into a fresh environment.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest
import yaml

from course_app.setup.python_packages import LEARNER_LOCK, read_lock
from tests.support.paths import ROOT

pytestmark = pytest.mark.integration

NEEDED = (
    "environment.yml",
    "constraints.txt",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "LICENSE-CONTENT",
    "course_app",
)


def environment() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    return loaded


def pip_part() -> list[str]:
    (part,) = (entry["pip"] for entry in environment()["dependencies"] if isinstance(entry, dict))
    return list(part)


def test_only_python_and_pip_come_from_the_channel() -> None:
    from_channel = [entry.split()[0] for entry in environment()["dependencies"] if isinstance(entry, str)]
    assert from_channel == ["python", "pip"]
    assert environment()["channels"] == ["conda-forge"]


def test_pip_part_installs_what_the_lock_pins(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, clone / name)
    (clone / "condaenv.requirements.txt").write_text("\n".join(pip_part()), encoding="utf-8")
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    install = [str(python), "-m", "pip", "install", "-q", "--no-compile", "-r", "condaenv.requirements.txt"]
    done = subprocess.run(install, cwd=clone, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    listed = subprocess.run(
        [str(python), "-m", "pip", "list", "--format=json"], capture_output=True, text=True, check=True
    )
    installed = {package["name"].lower().replace("_", "-"): package["version"] for package in json.loads(listed.stdout)}
    wanted = {pin.name: pin.version for pin in read_lock(ROOT / LEARNER_LOCK) if pin.applies()}
    compared = {name: installed.get(name) for name in wanted}
    assert compared == wanted
    assert "course-app" in installed
    # Another version of any of them would be a difference: the comparison is not of nothing.
    assert len(compared) > 100
    helped = subprocess.run(
        [str(python), "-m", "course_app.cli", "--help"], cwd=tmp_path, capture_output=True, check=False
    )
    assert helped.returncode == 0, helped.stderr
