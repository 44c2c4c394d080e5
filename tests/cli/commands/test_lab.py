"""`course lab`: JupyterLab gets its port and options from the command line."""

from __future__ import annotations

from typing import Any

import pytest

from course_app.cli import main
from course_app.setup import lab_server
from tests.support.paths import ROOT


class Started(Exception):
    """In the place of a process that becomes JupyterLab."""


@pytest.mark.parametrize(
    ("words", "port", "browser", "extra"),
    [
        ([], None, True, []),
        (["--port", "8890", "--no-browser"], 8890, False, []),
        (["--", "--debug", "--ip=127.0.0.1"], None, True, ["--debug", "--ip=127.0.0.1"]),
    ],
)
def test_options_are_passed_on(
    monkeypatch: pytest.MonkeyPatch, words: list[str], port: int | None, browser: bool, extra: list[str]
) -> None:
    found: list[Any] = []

    def start(root: object, **options: Any) -> None:
        found.append((root, options))
        raise Started

    monkeypatch.setattr(lab_server, "start", start)
    monkeypatch.chdir(ROOT)
    with pytest.raises(Started):
        main(["lab", *words])
    assert found == [(ROOT, {"port": port, "browser": browser, "extra": extra})]


def test_a_number_that_is_no_port_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "--port", "99999"]) == 2
    assert capsys.readouterr().err == "course: port 99999 is no port; choose one from 1024 to 65535\n"
