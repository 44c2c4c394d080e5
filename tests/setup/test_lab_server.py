"""`course lab`: where JupyterLab writes, what it opens, and which ports it takes."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from course_app.cli import main
from course_app.errors import CourseError
from course_app.setup import lab_server

pytestmark = pytest.mark.integration


def test_everything_jupyter_writes_stays_in_the_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", "/elsewhere")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", "/elsewhere")
    variables = lab_server.environment(tmp_path)
    assert "JUPYTER_PATH" not in variables
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        assert Path(variables[name]).is_relative_to(tmp_path / ".course")


def test_the_address_leads_to_the_first_lesson() -> None:
    words = lab_server.command(Path("/course"), port=8890, browser=False, extra=["--debug"])
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start.ipynb" in words
    assert {"--port=8890", "--no-browser", "--debug"} <= set(words)
    assert words[0] == sys.executable


def test_with_no_port_the_next_free_one_is_taken() -> None:
    assert not [
        word for word in lab_server.command(Path("/course")) if word.startswith("--") and "port" in word.lower()
    ]


def test_settings_of_the_learner_are_left_alone(tmp_path: Path) -> None:
    lab_server.prepare(tmp_path)
    (path,) = (tmp_path / lab_server.JUPYTER).rglob("default_setting_overrides.json")
    assert json.loads(path.read_text(encoding="utf-8")) == lab_server.DEFAULTS
    path.write_text("{}", encoding="utf-8")
    lab_server.prepare(tmp_path)
    assert path.read_text(encoding="utf-8") == "{}"


def test_a_taken_port_is_named_before_anything_starts(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["lab", "--port", str(port)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"course: port {port} is taken")
    assert said.count("\n") == 1


def test_a_number_that_is_no_port_is_named() -> None:
    with pytest.raises(CourseError, match="port 70000 is no port"):
        lab_server.check_port(70000)


def test_jupyterlab_starts_with_this_environments_kernel_and_keeps_to_its_folder(tmp_path: Path) -> None:
    root = tmp_path / "course"
    (root / "notebooks").mkdir(parents=True)
    (root / "course.toml").write_text("", encoding="utf-8")
    home = tmp_path / "home"
    home.mkdir()
    variables = lab_server.environment(root) | {"HOME": str(home), "COURSE_ROOT": str(root)}
    words = [sys.executable, "-m", "course_app.cli", "lab", "--no-browser", "--", "--ServerApp.port=0"]
    log = tmp_path / "log"
    with log.open("w") as out:
        process = subprocess.Popen(words, env=variables, cwd=root, stdout=out, stderr=out)
        try:
            end = time.monotonic() + 60
            while "/lab/tree/notebooks/00_start.ipynb?token=" not in log.read_text() and time.monotonic() < end:
                assert process.poll() is None, log.read_text()
                time.sleep(0.1)
        finally:
            process.terminate()
            process.wait(timeout=20)
    assert "/lab/tree/notebooks/00_start.ipynb?token=" in log.read_text()
    assert list((root / lab_server.JUPYTER / "runtime").iterdir())
    assert list(home.rglob("*")) == []
