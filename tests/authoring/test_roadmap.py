"""The map shows every lesson once and every need that is not implied by another."""

from __future__ import annotations

from xml.etree import ElementTree

from course_app.authoring.roadmap import _direct, _places, roadmap
from course_app.manifest import load
from tests.support.paths import ROOT

COURSE = load(ROOT)
SVG = "{http://www.w3.org/2000/svg}"


def test_every_lesson_has_a_box_and_a_text_alternative() -> None:
    tree = ElementTree.fromstring(roadmap(COURSE))
    assert len(tree.findall(f"{SVG}rect")) == len(COURSE.lessons)
    described = tree.findtext(f"{SVG}desc") or ""
    assert all(lesson.title in described for lesson in COURSE.lessons)


def test_an_arrow_for_each_direct_need_and_no_two_boxes_in_one_place() -> None:
    tree = ElementTree.fromstring(roadmap(COURSE))
    assert len(tree.findall(f"{SVG}path")) == sum(len(_direct(COURSE, lesson)) for lesson in COURSE.lessons)
    corners = [(box.get("x"), box.get("y")) for box in tree.findall(f"{SVG}rect")]
    assert len(set(corners)) == len(corners)


def test_a_lesson_stands_right_above_the_first_that_needs_it() -> None:
    rows = {slug: row for slug, (_column, row) in _places(COURSE).items()}
    for slug, row in rows.items():
        needing = [rows[one.slug] for one in COURSE.lessons if slug in one.needs]
        assert not needing or min(needing) == row + 1


def test_what_a_need_needs_already_gets_no_arrow() -> None:
    echo = COURSE.lesson("echo")
    assert _direct(COURSE, echo) == ["server"]
