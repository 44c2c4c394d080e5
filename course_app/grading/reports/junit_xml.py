"""junit.xml: one test suite per student and exercise, one test case per task, for CI."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement

from ..batch import Gradebook, Row


def write(book: Gradebook, path: Path) -> None:
    """Write the gradebook to `path` in the JUnit XML format that CI systems read."""
    suites = Element("testsuites", name="course grade")
    for rows in book.students.values():
        for row in rows:
            _suite(suites, book, row)
    ElementTree(suites).write(path, encoding="utf-8", xml_declaration=True)


def _suite(suites: Element, book: Gradebook, row: Row) -> None:
    submission = row.submission
    name = _legal(f"{submission.student} {submission.lesson}".strip())
    suite = SubElement(suites, "testsuite", name=name)
    note = book.unsandboxed and f"graded without a sandbox: {book.unsandboxed}"
    if note:
        properties = SubElement(suite, "properties")
        SubElement(properties, "property", name="unsandboxed", value=_legal(note))
    counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    if row.result is None:
        counts["tests"] = counts["errors"] = 1
        case = SubElement(suite, "testcase", classname=name, name="submission")
        SubElement(case, "error", message=_legal(row.problem or row.failed))
    for verdict in (row.result or {}).get("verdicts", []):
        counts["tests"] += 1
        case = SubElement(suite, "testcase", classname=name, name=verdict["task"], time=f"{verdict['seconds']:.3f}")
        if verdict["outcome"] in ("failed", "timed_out"):
            counts["failures"] += 1
            failure = SubElement(case, "failure", message=_legal(verdict["message"]), type=verdict["outcome"])
            failure.text = _legal(f"expected:\n{verdict['expected']}\n\nreceived:\n{verdict['received']}")
        elif verdict["outcome"] != "passed":
            counts["skipped"] += 1
            SubElement(case, "skipped", message=verdict["outcome"])
    suite.attrib.update({key: str(count) for key, count in counts.items()})


def _legal(text: str) -> str:
    """Return the text without the characters that XML 1.0 cannot hold (section 2.2)."""
    return "".join(
        letter if letter in "\t\n" or " " <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter > "\uffff"
        else "\ufffd"
        for letter in text
    )  # fmt: skip
