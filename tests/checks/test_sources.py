"""Which files shape a verdict: the framework, the exercise's module or package, and the texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_app.checks import sources
from course_app.checks.sources import source_digest, source_files
from course_app.manifest import load
from tests.support.paths import ROOT


def names(slug: str) -> set[str]:
    return {path.relative_to(ROOT / "course_app").as_posix() for path in source_files(slug)}


def test_a_module_is_found_with_the_framework_and_the_texts() -> None:
    found = names("duplex")
    assert {"checks/exercises/duplex.py", "messages/en/duplex.toml", "messages/en/common.toml"} <= found
    assert {"checks/context.py", "checks/rules.py", "checks/run.py"} <= found
    assert not any("capstone" in name or "messages.py" in name for name in found)


def test_every_module_of_a_package_is_found() -> None:
    folder = ROOT / "course_app" / "checks" / "exercises" / "capstone"
    modules = {f"checks/exercises/capstone/{path.name}" for path in folder.glob("*.py")}
    assert len(modules) > 2 and modules <= names("capstone")


@pytest.mark.parametrize("lesson", load(ROOT).exercises, ids=lambda lesson: lesson.slug)
def test_every_exercise_has_checks_and_texts(lesson) -> None:
    found = names(lesson.slug)
    assert f"messages/en/{lesson.slug}.toml" in found
    assert any(name.startswith(f"checks/exercises/{lesson.slug}") for name in found)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a small copy of the folder of checks, with texts, and have `sources` look there."""
    for path in ("run.py", "exercises/one.py", "exercises/many/__init__.py", "exercises/many/deep/part.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path, encoding="utf-8")
    for path in ("en/one.toml", "en/many.toml", "en/common.toml"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(path, encoding="utf-8")
    monkeypatch.setattr(sources, "_CHECKS", tmp_path)
    monkeypatch.setattr(sources, "FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "one", "many"),
    [
        ("run.py", True, True),
        ("en/common.toml", True, True),
        ("exercises/one.py", True, False),
        ("en/one.toml", True, False),
        ("exercises/many/__init__.py", False, True),
        ("exercises/many/deep/part.py", False, True),
        ("exercises/other.py", False, False),
    ],
)
def test_a_change_gives_another_digest_where_it_matters(copy: Path, changed: str, one: bool, many: bool) -> None:
    before = source_digest("one"), source_digest("many")
    (copy / changed).write_text("changed", encoding="utf-8")
    assert (source_digest("one") != before[0], source_digest("many") != before[1]) == (one, many)


def test_an_exercise_without_files_has_a_digest_of_the_framework(copy: Path) -> None:
    assert [path.name for path in source_files("nothing")] == ["common.toml", "run.py"]
    assert len(source_digest("nothing")) == 32
