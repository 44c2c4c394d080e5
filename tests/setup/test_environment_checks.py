"""`course doctor`: a healthy environment, and each fault with the command that fixes it."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path

import pytest

from course_app.cli import main
from course_app.errors import CourseError
from course_app.setup import environment_checks, python_packages
from tests.support.paths import ROOT


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course's folder that pins one package, which is installed."""
    shutil.copy(ROOT / "course.toml", tmp_path)
    found = python_packages.installed_version("fastapi")
    (tmp_path / python_packages.LEARNER_LOCK).write_text(f"fastapi=={found}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UV", "uv")
    return tmp_path


def test_a_healthy_environment_has_no_fault(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)
    names = [finding["name"] for finding in findings]
    assert names == ["python", "packages", "websockets", "kernel", "ports", "variables", "browser"]
    assert all(finding["ok"] and not finding["fix"] for finding in findings)


def test_a_wrong_version_is_named_with_its_fix(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        environment_checks, "kernel", lambda: environment_checks.Finding("kernel", True, "not looked at")
    )
    (course / python_packages.LEARNER_LOCK).write_text("fastapi==0.1\nno-such-package==2\n", encoding="utf-8")
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "(wanted 0.1), no-such-package missing (wanted 2)" in said
    assert "fix with" in said
    assert "--require-hashes -r" in said


def test_many_differences_stay_one_line(course: Path) -> None:
    (course / python_packages.LEARNER_LOCK).write_text("".join(f"none-{n}==1\n" for n in range(40)), encoding="utf-8")
    assert environment_checks.lock(course).detail.endswith("and 35 more")


def test_a_stray_variable_is_named_with_its_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_SOCKET_DIR", "/somewhere")
    finding = environment_checks.variables()
    assert not finding.ok
    assert finding.detail.startswith("COURSE_SOCKET_DIR")
    assert "COURSE_SOCKET_DIR" in finding.fix


def test_a_kernel_of_another_environment_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "kernels" / "python3"
    other.mkdir(parents=True)
    spec = {"argv": ["/bin/sh", "-c", "exit 1"], "display_name": "Other", "language": "python"}
    (other / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    finding = environment_checks.kernel()
    assert not finding.ok
    assert "runs /bin/sh" in finding.detail
    assert "ipykernel install --sys-prefix" in finding.fix


def test_a_machine_where_nothing_can_listen_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: socket.socket, address: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    finding = environment_checks.ports()
    assert not finding.ok
    assert finding.detail.endswith("Permission denied")
    assert finding.fix


def test_uvicorn_without_a_websocket_library_is_named(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uvicorn.protocols.websockets.auto.AutoWebSocketsProtocol", None)
    finding = environment_checks.websockets()
    assert not finding.ok
    assert "requirements.lock" in finding.fix


@pytest.mark.parametrize(("error", "text"), [(CourseError("one line"), "one line"), (OSError("odd"), "OSError: odd")])
def test_a_probe_that_raises_is_a_finding_and_the_rest_go_on(
    course: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, text: str
) -> None:
    def broken() -> environment_checks.Finding:
        raise error

    monkeypatch.setattr(environment_checks, "kernel", broken)
    findings = {finding.name: finding for finding in environment_checks.examine(course)}
    assert not findings["kernel"].ok
    assert findings["kernel"].detail == text
    assert findings["browser"].ok
