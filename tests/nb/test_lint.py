"""lint finds each fault that is put into a notebook without any, and measures what it says it measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from course_app.manifest import Course, Lesson, load
from course_app.nb import files
from course_app.nb.cells import Cell, Notebook
from course_app.nb.lint import Result, lint, lint_course
from course_app.nb.tidy import tidy
from tests.support.paths import FIXTURES, ROOT

Cells = dict[str, Cell]


def rules(result: Result, level: str = "error") -> list[str]:
    return [finding.rule for finding in result.findings if finding.level == level]


# Solutions


def solution_result(sums: Course, change: Callable[[Cells], object] = lambda cells: None) -> Result:
    nb = files.read(sums.solution_path(sums.lesson("sums")))
    change({cell["id"]: cell for cell in nb["cells"]})
    return lint(nb, "solution", sums.lesson("sums"), "solutions/01_sums.ipynb")


def test_solution_without_fault(sums: Course) -> None:
    result = solution_result(sums)
    assert rules(result) == []
    assert rules(result, "advice") == ["ask", "ask", "tasks"]


def mark(own: str, **changes: Any) -> Callable[[Cells], object]:
    return lambda cells: cells[own]["metadata"].setdefault("nbgrader", {}).update(changes)


def put(own: str, **changes: Any) -> Callable[[Cells], object]:
    return lambda cells: cells[own].update(changes)


def swap(old: str, new: str) -> Callable[[Cells], object]:
    return lambda cells: cells["sums-1-stub"].update(source=cells["sums-1-stub"]["source"].replace(old, new))


def shown(text: str, **more: str) -> list[dict[str, Any]]:
    data = {"text/plain": text, **more} if text else more
    return [{"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}]


FAULTS: dict[str, tuple[Callable[[Cells], object], list[str], str]] = {
    "points": (mark("sums-1-check", points=5), ["nbgrader"], "nbgrader's 'points' is 5, not 2"),
    "unlocked": (mark("sums-1-check", locked=False), ["nbgrader"], "'locked' is False, not True"),
    "schema": (mark("sums-1-stub", schema_version=2), ["nbgrader"], "'schema_version' is 2, not 3"),
    "grade id": (mark("sums-1-stub", grade_id="cell-1"), ["nbgrader"], "'grade_id' is 'cell-1', not 'sums-1-stub'"),
    "extra key": (mark("sums-1-stub", colour=1), ["nbgrader"], "schema 3 has no 'colour'"),
    "stray grade": (mark("sums-1-try", grade=True), ["task"], "course.toml has no such task"),
    "check": (put("sums-1-check", source="await check('sums.1')"), ["check"], 'the one line await check("sums.1")'),
    "not run": (put("sums-1-check", outputs=[]), ["passed"], "is not '✔ sums.1'; run the solution"),
    "failed": (put("sums-1-check", outputs=shown("✘ sums.1: 3")), ["passed"], "is not '✔ sums.1'"),
    "no stub": (put("sums-1-stub", id="sums-one"), ["task", "task"], "task sums.1 has no cell sums-1-stub"),
    "derive": (swap("### END SOLUTION", ""), ["derive"], "is never closed"),
    "two stubs": (swap("def", "...  # your code here\ndef"), ["stub"], "2 times"),
    "target": (swap("double", "twice"), ["target"], "does not name 'double'"),
    "syntax": (swap("return 2 *", "return 2 * *"), ["syntax"], "the answer is not Python (line 3: invalid syntax)"),
    "count": (put("sums-1-try", execution_count=4), ["tidy"], "cell sums-1-try: execution_count"),
    "empty": (put("sums-1-try", source="", outputs=[]), ["empty"], "the cell is empty"),
    "html": (put("sums-1-try", outputs=shown("x", **{"text/html": "<b>"})), ["tidy"], "cell sums-1-try: outputs"),
    "no text": (put("sums-1-try", outputs=shown("", **{"image/png": "aGk="})), ["text"], "no text, only image/png"),
    "path": (put("sums-1-try", outputs=shown("see /home/me/x.py")), ["path"], "a path of a machine ('/home/me/x.py')"),
    "port": (put("sums-1-try", outputs=shown("http://127.0.0.1:43121")), ["port"], "a port ('127.0.0.1:43121')"),
    "address": (put("sums-1-try", outputs=shown("<A object at 0x7f00aa11>")), ["address"], "a memory address"),
    "type": (put("sums-1-try", outputs=[{"output_type": "picture"}]), ["schema"], "is not valid"),
}


@pytest.mark.parametrize(("change", "found", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_fault_in_a_solution_is_found(
    sums: Course, change: Callable[[Cells], object], found: list[str], said: str
) -> None:
    result = solution_result(sums, change)
    assert rules(result) == found
    errors = [str(finding) for finding in result.findings if finding.level == "error"]
    assert any(said in error and error.startswith("solutions/01_sums.ipynb: ") for error in errors), errors


def test_cells_of_a_task_stand_in_their_order(sums: Course) -> None:
    nb = files.read(sums.solution_path(sums.lesson("sums")))
    nb["cells"][2:4] = reversed(nb["cells"][2:4])
    assert rules(lint(nb, "solution", sums.lesson("sums"), "x")) == ["order"]


def shared(sums: Course) -> tuple[Notebook, Lesson]:
    """A solution in which task 2 asks for more of the program of task 1, and has no cell of its own."""
    lesson = sums.lesson("sums")
    first, second = lesson.tasks
    nb = files.read(sums.solution_path(lesson))
    nb["cells"] = [cell for cell in nb["cells"] if cell["id"] != "sums-2-stub"]
    return nb, replace(lesson, tasks=(first, replace(second, target=first.target, cell=1)))


def test_a_task_may_have_its_answer_in_the_cell_of_another(sums: Course) -> None:
    nb, lesson = shared(sums)
    assert rules(lint(nb, "solution", lesson, "x")) == []


def test_a_shared_cell_stands_before_the_task_that_shares_it(sums: Course) -> None:
    nb, lesson = shared(sums)
    place = [cell["id"] for cell in nb["cells"]].index("sums-2-ask")
    nb["cells"].insert(1, nb["cells"].pop(place))
    assert rules(lint(nb, "solution", lesson, "x")) == ["order"]


# Lessons


def lesson() -> Lesson:
    course = load(FIXTURES / "sums")
    return replace(course.lesson("sums"), objectives=("Double a number",))


def good_lesson(make: Any) -> Notebook:
    """A lesson of the right shape, made of filler."""
    filler = " ".join(["word"] * 42) + "."
    cells = [make.markdown("title", f"# Sums\n\n- Double a `number`\n\n{filler}")]
    for number in range(13):
        question = "Predict what it shows.\n" if number < 3 else ""
        cells += [make.markdown(f"text-{number}", question + filler), make.code(f"code-{number}", "a = 1\nb = 2")]
    for heading in ("When it breaks", "Recap", "Your turn", "Glossary"):
        cells.append(make.markdown(heading.replace(" ", "-"), f"## {heading}\n\n{filler}"))
    cells += [make.code("serve", "server = await serve(app)\nserver"), make.markdown("end", f"{filler}")]
    cells.append(make.code("stop", "await server.stop()"))
    return tidy(make.notebook(*cells))


def test_lesson_without_fault(make: Any) -> None:
    result = lint(good_lesson(make), "lesson", lesson(), "notebooks/01_sums.ipynb")
    assert [str(finding) for finding in result.findings] == []
    assert str(result.shape).startswith("34 cells, 8")


LESSON_FAULTS: dict[str, tuple[Callable[[Cells, Notebook], object], str, str, str]] = {
    "title": (
        lambda c, nb: c["title"].update(source="Sums\n\nDouble a number"),
        "error",
        "section",
        "does not begin with the",
    ),
    "objective": (
        lambda c, nb: c["title"].update(source="# Sums"),
        "error",
        "section",
        "the objective 'Double a number'",
    ),
    "recap": (
        lambda c, nb: c["Recap"].update(source="## Summary"),
        "error",
        "section",
        "no heading begins with 'Recap'",
    ),
    "stop": (lambda c, nb: c["stop"].update(source="1"), "error", "section", "stops the server"),
    "row": (lambda c, nb: nb["cells"].remove(c["text-5"]), "error", "in-a-row", "a code cell follows a code cell"),
    "mark": (
        lambda c, nb: c["stop"]["metadata"].update(nbgrader={"grade": True}),
        "error",
        "nbgrader",
        "belong in solutions/",
    ),
    "short": (lambda c, nb: nb["cells"].__delitem__(slice(3, 23)), "advice", "cells", "14 cells; 26 to 40"),
    "wordy": (lambda c, nb: c["end"].update(source="word " * 600), "advice", "words", "words; 800 to 1,200"),
    "dense": (
        lambda c, nb: [c[f"text-{n}"].update(source="word " * 60) for n in range(9)],
        "advice",
        "density",
        "has 60",
    ),
    "predict": (lambda c, nb: c["text-0"].update(source="word " * 40), "advice", "predict", "2 times; three"),
    "program": (lambda c, nb: c["code-1"].update(source="x\n" * 30), "advice", "program", "has 30 lines"),
    "comments": (lambda c, nb: c["code-1"].update(source="# x\n" * 3), "advice", "comments", "are comments"),
    "links": (lambda c, nb: c["end"].update(source="https://a.b " * 4), "advice", "links", "4 links"),
    "code": (
        lambda c, nb: [c[f"code-{n}"].update(source="x\n" * 9) for n in range(13)],
        "advice",
        "code",
        "has 9 lines",
    ),
    "long": (
        lambda c, nb: [c[f"code-{n}"].update(source="x\n" * 15) for n in (1, 2)],
        "advice",
        "long-code",
        "at most 14",
    ),
    "sentences": (lambda c, nb: c["end"].update(source="One. Two."), "advice", "sentences", "1 lines of prose hold"),
}


@pytest.mark.parametrize(("change", "level", "rule", "said"), LESSON_FAULTS.values(), ids=LESSON_FAULTS.keys())
def test_fault_in_a_lesson_is_found(make: Any, change: Any, level: str, rule: str, said: str) -> None:
    nb = good_lesson(make)
    change({cell["id"]: cell for cell in nb["cells"]}, nb)
    found = [one for one in lint(tidy(nb), "lesson", lesson(), "x").findings if (one.level, one.rule) == (level, rule)]
    assert any(said in finding.message for finding in found)


# The measures


# The whole course


def test_folders_hold_nothing_else(sums: Course) -> None:
    (sums.root / "notebooks").mkdir()
    (sums.root / "notebooks" / "figures").mkdir()
    for name in (
        "notebooks/Untitled.ipynb",
        "solutions/helper.py",
        "exercises/01_sums-Copy1.ipynb",
        "exercises/.hidden",
    ):
        (sums.root / name).write_text("", encoding="utf-8")
    findings = [one.file for one in lint_course(sums)[0].findings]
    assert findings == ["notebooks/Untitled.ipynb", "solutions/helper.py", "exercises/01_sums-Copy1.ipynb"]


def test_unreadable_and_missing_notebooks_are_findings(sums: Course) -> None:
    sums.solution_path(sums.lesson("sums")).write_text("{", encoding="utf-8")
    by_file = {result.file: [str(one) for one in result.findings] for result in lint_course(sums)}
    assert "cannot be read: No such file" in by_file["notebooks/01_sums.ipynb"][0]
    assert "is not JSON" in by_file["solutions/01_sums.ipynb"][0]


def accept(sums: Course, reasons: str) -> Course:
    path = sums.root / "course.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("objectives =", f"departs = {{ {reasons} }}\nobjectives =", 1)
    )
    return load(sums.root)


def test_a_reason_goes_with_its_advice(sums: Course) -> None:
    result = lint_course(accept(sums, 'tasks = "it is a fixture", ask = "the tests are short"'))[2]
    assert [(one.rule, one.reason) for one in result.findings][-1] == ("tasks", "it is a fixture")
    assert str(result.findings[-1]).endswith("(advice: tasks; accepted: it is a fixture)")


def test_a_reason_accepts_no_error(sums: Course) -> None:
    course = accept(sums, 'file = "who needs it"')
    assert "error: file)" in str(lint_course(course)[1].findings[0])


def test_a_reason_for_nothing_is_a_fault(sums: Course) -> None:
    result = lint_course(accept(sums, 'tasks = "it is a fixture", links = "many"'))[-1]
    assert [str(one) for one in result.findings] == [
        "course.toml: lesson 'sums' does not depart from 'links'; remove it (error: departs)"
    ]


def test_the_course_itself_has_no_fault() -> None:
    results = lint_course(load(ROOT))
    assert [str(one) for result in results for one in result.findings if one.level == "error"] == []
