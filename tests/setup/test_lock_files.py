"""The files that pin versions agree with each other, and name no download address."""

from __future__ import annotations

import tomllib

import pytest

from course_app.errors import CourseError
from course_app.setup.lock_files import BEGIN, CONSTRAINTS, END, UV_LOCK, with_pins, without_pins
from course_app.setup.python_packages import LEARNER_LOCK, TEST_LOCK, Pin, read_lock
from tests.support.paths import ROOT

ALL = (LEARNER_LOCK, TEST_LOCK, UV_LOCK, CONSTRAINTS, "pyproject.toml", "environment.yml")


@pytest.mark.parametrize("name", ALL)
def test_no_download_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text


@pytest.mark.parametrize("name", [LEARNER_LOCK, TEST_LOCK, UV_LOCK])
def test_every_pin_has_hashes(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = [entry for entry in text.split("\n") if "==" in entry and entry[0].isalnum()]
    assert len(entries) == len(read_lock(ROOT / name))
    assert all(entry.endswith("\\") for entry in entries)


def test_the_test_lock_holds_the_learners_pins() -> None:
    wanted = {(pin.name, pin.version) for pin in read_lock(ROOT / LEARNER_LOCK)}
    assert wanted <= {(pin.name, pin.version) for pin in read_lock(ROOT / TEST_LOCK)}


def test_constraints_are_the_lock_without_hashes() -> None:
    lines = (ROOT / CONSTRAINTS).read_text(encoding="utf-8").splitlines()[1:]
    assert lines == [str(pin) for pin in read_lock(ROOT / LEARNER_LOCK)]


def test_uv_run_is_constrained_to_the_same_versions() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]
    assert settings["constraint-dependencies"] == [str(pin) for pin in read_lock(ROOT / TEST_LOCK)]


def test_every_dependency_of_pyproject_is_pinned() -> None:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pins = {pin.name: pin.version for pin in read_lock(ROOT / TEST_LOCK)}
    named = list(project["project"]["dependencies"])
    for group in project["dependency-groups"].values():
        named += group
    for text in named:
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        assert name in pins, f"{name}: run `make lock`"
        assert requirement.specifier.contains(pins[name]), f"{name}: run `make lock`"


def test_pins_go_between_the_markers_and_out_again() -> None:
    text = f"before\n    {BEGIN}\n    {END}\nafter\n"
    full = with_pins(text, (Pin("one", "1", "os_name == 'nt'"),))
    assert "    \"one==1 ; os_name == 'nt'\",\n" in full
    assert without_pins(full) == text


def test_missing_markers_are_an_error_that_says_how_to_fix_it() -> None:
    with pytest.raises(CourseError, match="git checkout pyproject.toml"):
        with_pins("no markers", ())
