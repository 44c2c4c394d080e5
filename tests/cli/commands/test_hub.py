"""`course hub`: the trial hub gets its port, folder and learners from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from course_app.cli import main
from course_app.setup import trial_hub
from tests.support.paths import ROOT


class Started(Exception):
    """In the place of a process that becomes the hub."""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []

    def start(*args: Any) -> None:
        found.append(args)
        raise Started

    monkeypatch.setattr(trial_hub, "start", start)
    monkeypatch.chdir(ROOT)
    return found


def test_the_defaults(started: list[tuple[Any, ...]]) -> None:
    with pytest.raises(Started):
        main(["hub"])
    assert started == [(ROOT, ROOT / ".course" / "hub", 8000, ["ada", "grace"])]


def test_every_option_is_passed_on(started: list[tuple[Any, ...]], tmp_path: Path) -> None:
    with pytest.raises(Started):
        main(["hub", "--port", "8100", "--folder", str(tmp_path), "--learners", "lin,omar"])
    assert started == [(ROOT, tmp_path, 8100, ["lin", "omar"])]
