"""The parts of `course test`: what each needs, and which are chosen by a name."""

from __future__ import annotations

import pytest

from course_app.errors import CourseError
from course_app.setup import test_parts
from tests.conftest import INTEGRATION_FOLDERS
from tests.support.paths import ROOT


def test_parts_are_chosen_by_name_and_keep_their_order() -> None:
    known = test_parts.parts(2)
    assert [one.name for one in test_parts.choose(["unit", "ruff"], known)] == ["ruff", "unit"]
    assert test_parts.choose([], known) == known


def test_quick_means_every_quick_part_and_no_part_that_starts_a_program() -> None:
    chosen = test_parts.choose(["quick"], test_parts.parts(2))
    assert [one.name for one in chosen] == ["ruff", "format", "build", "tidy", "lint", "mypy", "unit"]
    assert not any(one.needs_browser or one.needs_programs or one.lane == test_parts.LAST for one in chosen)
    more = test_parts.choose(["notebooks", "quick"], test_parts.parts(2))
    assert [one.name for one in more] == [*(one.name for one in chosen), "notebooks"]


def test_unit_and_integration_share_every_test() -> None:
    """Each runs the same folders, one with and one without the mark, so that no test is in neither."""
    words = {one.name: one.words for one in test_parts.parts(2)}
    unit, integration = words["unit"], words["integration"]
    assert [word.replace("unit", "integration") for word in unit if word != "not integration"] == [
        word for word in integration if word != "integration"
    ]
    assert "not integration" in unit and "integration" in integration


def test_every_folder_of_the_integration_tests_exists() -> None:
    assert [path for path in INTEGRATION_FOLDERS if not (ROOT / "tests" / path).exists()] == []


def test_an_unknown_part_gets_the_nearest_name() -> None:
    with pytest.raises(CourseError, match="no part of the tests is called 'unti'; did you mean 'unit'"):
        test_parts.choose(["unti"], test_parts.parts(2))


def test_no_part_but_the_browsers_needs_a_browser() -> None:
    assert [one.name for one in test_parts.parts(2) if one.needs_browser] == ["browser"]


def test_parts_that_run_lessons_have_the_servers_of_the_lessons() -> None:
    assert [one.name for one in test_parts.parts(2) if one.needs_programs] == ["notebooks", "browser", "integration"]
