"""`course test`: parts are listed and chosen, and one that fails fails the run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from course_app.cli import main
from course_app.setup import test_runner


def test_list_names_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", "--list"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert {"unit", "browser"} <= set(names) and len(names) == len(set(names))


def test_an_unknown_part_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", "unti"]) == 2
    error = capsys.readouterr().err
    assert "'unit'" in error and error.count("\n") == 1


@pytest.mark.parametrize(("codes", "expected"), [([0, 0], 0), ([0, 1], 1)])
def test_a_part_that_fails_fails_the_run(monkeypatch: pytest.MonkeyPatch, codes: list[int], expected: int) -> None:
    def run(root: object, chosen: object, **_: Any) -> list[SimpleNamespace]:
        return [SimpleNamespace(code=code) for code in codes]

    monkeypatch.setattr(test_runner, "set_up", lambda root, chosen: None)
    monkeypatch.setattr(test_runner, "run", run)
    monkeypatch.setattr(test_runner, "closing", lambda results: ["done"])
    assert main(["test", "unit"]) == expected
