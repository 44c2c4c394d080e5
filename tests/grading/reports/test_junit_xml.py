"""junit.xml: failures, errors and skips are counted, and every text is legal XML."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from course_app.grading.reports import junit_xml

from .conftest import MakeBook


def suites(make_book: MakeBook, path: Path, text: str = "plain", **more: str) -> list[ElementTree.Element]:
    junit_xml.write(make_book(text, **more), path)
    return list(ElementTree.parse(path).getroot())


def test_each_outcome_is_counted(make_book: MakeBook, tmp_path: Path) -> None:
    found = [
        tuple(suite.get(key) for key in ("name", "tests", "failures", "errors", "skipped"))
        for suite in suites(make_book, tmp_path / "junit.xml")
    ]
    assert found == [
        ("ada 03_echo", "5", "0", "0", "0"),
        ("bob plain 03_echo", "2", "1", "0", "1"),
        ("cy 03_echo", "1", "0", "1", "0"),
        ("dan", "1", "0", "1", "0"),
    ]


def test_a_failure_holds_message_and_both_transcripts(make_book: MakeBook, tmp_path: Path) -> None:
    failure = suites(make_book, tmp_path / "junit.xml")[1].find("testcase/failure")
    assert failure is not None and failure.get("message") == "plain"
    assert failure.text == "expected:\n> plain\n\nreceived:\n< plain"


def test_characters_that_xml_forbids_are_replaced(make_book: MakeBook, tmp_path: Path) -> None:
    found = suites(make_book, tmp_path / "junit.xml", text="\x00<b>\ud800\x1b&", unsandboxed="\x07")
    assert found[1].get("name") == "bob \ufffd<b>\ufffd\ufffd& 03_echo"
    note = found[0].find("properties/property")
    assert note is not None and note.get("value") == "graded without a sandbox: \ufffd"
