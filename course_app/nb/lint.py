"""Rules for the notebooks of the course: errors, and advice about the shape that reads well (STYLE.md)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import NotebookError
from ..manifest import FILE_NAME, Course, Lesson, Task
from . import files
from .cells import STUB, Cell, Notebook, cell_id, is_code, is_graded, is_solution, nbgrader
from .derive import answer_only, derive
from .shape import Shape, count_words, measure
from .tidy import tidy

Kind = Literal["lesson", "solution"]

SECTIONS = ("when it breaks", "recap", "your turn", "glossary")
SOLUTION_MARK = {"schema_version": 3, "solution": True, "grade": False, "locked": False, "task": False}
CHECK_MARK = {"schema_version": 3, "solution": False, "grade": True, "locked": True, "task": False}
_MACHINE = re.compile(r"(?<![\w/.])/(?:home|root|Users|tmp|var/folders)/\S*|\b[A-Z]:\\\S+")
_PORT = re.compile(r"(?:127\.0\.0\.1|localhost|0\.0\.0\.0|\[::1\])[:', ]+\d{4,5}\b")
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")


@dataclass(frozen=True)
class Finding:
    """One fault. An `error` fails the build, `advice` does not; `cell` is empty for the whole file.

    `reason` is the reason in course.toml for departing from the rule of an advice, or empty.
    """

    file: str
    cell: str
    level: Literal["error", "advice"]
    rule: str
    message: str
    reason: str = ""

    def __str__(self) -> str:
        where = f"{self.file}: cell {self.cell}" if self.cell else self.file
        accepted = f"; accepted: {self.reason}" if self.reason else ""
        return f"{where}: {self.message} ({self.level}: {self.rule}{accepted})"


@dataclass(frozen=True)
class Result:
    """The findings in one notebook, and its shape; `shape` is None where the file could not be read."""

    file: str
    shape: Shape | None
    findings: tuple[Finding, ...]


_Raw = tuple[str, Literal["error", "advice"], str, str]
"""A finding before it knows its file: cell, level, rule, message."""


def lint_course(course: Course) -> list[Result]:
    """Lint the three notebook folders and every lesson and solution of the course, and return a result for each."""
    jobs: list[tuple[Path, Kind, Lesson]] = [
        (course.lesson_path(lesson), "lesson", lesson) for lesson in course.lessons
    ]
    jobs += [(course.solution_path(lesson), "solution", lesson) for lesson in course.exercises]
    results = [lint_file(path, kind, lesson, course.root) for path, kind, lesson in jobs]
    return [_folders(course), *results, _departures(course, results)]


def lint_file(path: Path, kind: Kind, lesson: Lesson, root: Path) -> Result:
    """Lint the notebook file `path`; findings name it relative to `root`. A file that cannot be read is a finding."""
    name = path.relative_to(root).as_posix()
    try:
        nb = files.read(path)
    except NotebookError as error:
        return Result(name, None, (Finding(name, "", "error", "file", str(error).replace(str(path), "the file")),))
    return lint(nb, kind, lesson, name)


def lint(nb: Notebook, kind: Kind, lesson: Lesson, name: str) -> Result:
    """Lint a notebook: a lesson, or a solution of `lesson`'s tasks; findings call its file `name`."""
    rules = _lesson_rules if kind == "lesson" else _solution_rules
    raw = [*_common_rules(nb), *rules(nb, lesson)]
    shape = measure(nb if kind == "lesson" else answer_only(nb))
    reasons = dict(lesson.departs)
    findings = (
        Finding(name, cell, level, rule, message, reasons.get(rule, "") if level == "advice" else "")
        for cell, level, rule, message in raw
    )
    return Result(name, shape, tuple(findings))


def _folders(course: Course) -> Result:
    """Return a finding for each file in the notebook folders that course.toml does not know."""
    lessons = {f"{lesson.stem}.ipynb" for lesson in course.lessons}
    exercises = {f"{lesson.stem}.ipynb" for lesson in course.exercises}
    allowed = {"notebooks": lessons | {"figures"}, "solutions": exercises, "exercises": exercises}
    findings = [
        Finding(f"{folder}/{entry.name}", "", "error", "folder", "course.toml does not know it; move it out or add it")
        for folder, known in allowed.items()
        if (course.root / folder).is_dir()
        for entry in sorted((course.root / folder).iterdir())
        if entry.name not in known and not entry.name.startswith((".", "__"))
    ]
    return Result("notebook folders", None, tuple(findings))


def _departures(course: Course, results: Sequence[Result]) -> Result:
    """Return a finding for each reason in course.toml for a rule that is kept, or that does not exist."""
    left = {
        (Path(result.file).stem, finding.rule) for result in results for finding in result.findings if finding.reason
    }
    findings = [
        Finding(FILE_NAME, "", "error", "departs", f"lesson {lesson.slug!r} does not depart from {rule!r}; remove it")
        for lesson in course.lessons
        for rule, _reason in lesson.departs
        if (lesson.stem, rule) not in left
    ]
    return Result(FILE_NAME, None, tuple(findings))


# Both kinds


def _common_rules(nb: Notebook) -> Iterator[_Raw]:
    if schema := _schema_fault(nb):
        yield "", "error", "schema", schema
    if nb != tidy(nb):
        yield "", "error", "tidy", f"not in its committed form ({_first_untidy(nb)}); run `course tidy`"
    for cell in nb["cells"]:
        own = cell_id(cell)
        if not cell["source"].strip():
            yield own, "error", "empty", "the cell is empty; remove it"
        if is_code(cell):
            yield from ((own, "error", rule, message) for rule, message in _output_faults(cell))
    if lines := measure(nb).long_lines:
        yield "", "advice", "sentences", f"{lines} lines of prose hold more than one sentence; give each its own line"


def _schema_fault(nb: Notebook) -> str:
    import nbformat  # a quarter of a second, which only authors pay

    try:
        nbformat.validate(nbformat.from_dict(nb), relax_add_props=True)
    except nbformat.ValidationError as error:
        return str(error.message).splitlines()[0][:200]
    return ""


def _first_untidy(nb: Notebook) -> str:
    for cell, wanted in zip(nb["cells"], tidy(nb)["cells"], strict=True):
        for key in sorted(cell.keys() | wanted.keys()):
            if cell.get(key) != wanted.get(key):
                return f"cell {cell_id(cell)}: {key}"
    return "notebook metadata"


def _output_faults(cell: Cell) -> Iterator[tuple[str, str]]:
    for output in cell["outputs"]:
        data = output.get("data", {})
        if data and "text/plain" not in data:
            yield "text", f"an output has no text, only {', '.join(sorted(data))}; give the object a repr"
        text = "\n".join([output.get("text", ""), str(data.get("text/plain", "")), output.get("evalue", "")])
        for rule, pattern, what in (
            ("path", _MACHINE, "a path of a machine"),
            ("port", _PORT, "a port"),
            ("address", _ADDRESS, "a memory address"),
        ):
            if match := pattern.search(text):
                yield rule, f"the stored output shows {what} ({match[0]!r}), which differs on the next run"
        if output.get("output_type") == "stream" and output.get("name") == "stderr":
            yield "stderr", "the stored output holds standard error; find out what warns, and fix it"


# Lessons


def _lesson_rules(nb: Notebook, lesson: Lesson) -> Iterator[_Raw]:
    yield from (("", "error", "section", message) for message in _missing_sections(nb, lesson))
    for cell, following in zip(nb["cells"], nb["cells"][1:], strict=False):
        if is_code(cell) and is_code(following):
            yield (
                cell_id(following),
                "error",
                "in-a-row",
                "a code cell follows a code cell; put a line of prose between them",
            )
    if any(nbgrader(cell) for cell in nb["cells"]):
        yield "", "error", "nbgrader", "a lesson carries nbgrader metadata; tasks belong in solutions/"
    yield from (("", "advice", rule, message) for rule, message in _lesson_numbers(measure(nb)))


def _missing_sections(nb: Notebook, lesson: Lesson) -> Iterator[str]:
    prose = "\n".join(cell["source"] for cell in nb["cells"] if not is_code(cell))
    headings = [line.lstrip("# ").strip().lower() for line in prose.splitlines() if line.startswith("#")]
    if not prose.startswith("# "):
        yield "the first cell does not begin with the title, as '# …'"
    for objective in lesson.objectives:
        if _plain(objective) not in _plain(prose):
            yield f"the objective {objective!r} of course.toml is not in the lesson"
    for section in SECTIONS if lesson.number else ():  # lesson 00 only finds its way around
        if section == "your turn" and not lesson.tasks:
            continue
        if not any(heading.startswith(section) for heading in headings):
            yield f"no heading begins with {section.capitalize()!r}"
    code = [cell["source"] for cell in nb["cells"] if is_code(cell)]
    served = [number for number, source in enumerate(code) if "serve(" in source]
    if served and not re.search(r"\.stop\(\)|\bstop_all\(", "\n".join(code[served[-1] :])):
        yield "no cell after the last serve(…) stops the server"


def _plain(text: str) -> str:
    return re.sub(r"[\s`*_]+", " ", text).lower()


def _lesson_numbers(shape: Shape) -> Iterator[tuple[str, str]]:
    if not 26 <= shape.cells <= 40:
        yield "cells", f"{shape.cells} cells; 26 to 40 read well"
    if not 800 <= shape.words <= 1200:
        yield "words", f"{shape.words} words; 800 to 1,200 read well"
    if not 30 <= shape.typical_prose <= 45:
        yield "density", f"the typical markdown cell has {shape.typical_prose:g} words; 30 to 45 read well"
    if shape.code_cells and not 2 <= shape.typical_code_lines <= 5:
        yield "code", f"the typical code cell has {shape.typical_code_lines:g} lines; 2 to 5 read well"
    if shape.share_short < 0.9:
        yield "long-code", f"{shape.share_short:.0%} of the code cells have at most 14 lines; 90% should"
    if shape.longest_code > 25:
        yield (
            "program",
            f"the longest code cell has {shape.longest_code} lines; the whole program should have at most 25",
        )
    if shape.share_comments > 0.06:
        yield (
            "comments",
            f"{shape.share_comments:.0%} of the lines of code are comments; 6% at most, the prose explains",
        )
    if shape.predictions < 3:
        yield "predict", f"the reader is asked to predict {shape.predictions} times; three are wanted"
    if shape.links > 3:
        yield "links", f"{shape.links} links; three at most get followed"


# Solutions


def _solution_rules(nb: Notebook, lesson: Lesson) -> Iterator[_Raw]:
    try:
        exercise = derive(nb, lesson.stem)
    except NotebookError as error:
        yield "", "error", "derive", str(error)
        return
    cells = {cell_id(cell): cell for cell in nb["cells"]}
    stubs = {cell_id(cell): cell["source"] for cell in exercise["cells"] if is_solution(cell)}
    for task in lesson.tasks:
        yield from _task_rules(task, cells, stubs)
    known = {own for task in lesson.tasks for own in (task.answer_cell, f"{task.cell_prefix}-check")}
    for own, cell in cells.items():
        if (is_solution(cell) or is_graded(cell)) and own not in known:
            yield own, "error", "task", "the cell is marked for nbgrader, but course.toml has no such task"
    required = sum(not task.stretch for task in lesson.tasks)
    if required not in (3, 4) or len(lesson.tasks) - required != 1:
        yield (
            "",
            "advice",
            "tasks",
            f"{required} tasks and {len(lesson.tasks) - required} stretch; three or four and one",
        )


def _task_rules(task: Task, cells: dict[str, Cell], stubs: dict[str, str]) -> Iterator[_Raw]:
    ask, stub, check = f"{task.cell_prefix}-ask", task.answer_cell, f"{task.cell_prefix}-check"
    missing = [own for own in (ask, stub, check) if own not in cells]
    if missing:
        yield "", "error", "task", f"task {task.id} has no cell {', '.join(missing)}"
        return
    order = [own for own in cells if own in (ask, stub, check)]
    wanted = [ask, stub, check] if task.has_own_cell else [stub, ask, check]
    if order != wanted:
        yield ask, "error", "order", f"the cells of task {task.id} must stand in the order {', '.join(wanted)}"
    words = count_words(cells[ask]["source"])
    if not 35 <= words <= 70:
        yield ask, "advice", "ask", f"{words} words; 35 to 70 say enough"
    if task.has_own_cell:
        yield from _stub_rules(task, cells[stub], stubs.get(stub))
    yield from _check_rules(task, cells[check])


def _stub_rules(task: Task, cell: Cell, stub: str | None) -> Iterator[_Raw]:
    own = cell_id(cell)
    yield from _mark_faults(cell, {**SOLUTION_MARK, "grade_id": own})
    if stub is None:
        return
    if stub.count(STUB) != 1:
        yield own, "error", "stub", f"the stub holds {stub.count(STUB)} times {STUB!r}; once, please"
    if len(stub.splitlines()) > 10:
        yield own, "advice", "stub", f"the stub has {len(stub.splitlines())} lines; ten at most"
    for text, what in ((stub, "stub"), (cell["source"], "answer")):
        try:
            compile(text, own, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)
        except SyntaxError as error:
            yield own, "error", "syntax", f"the {what} is not Python (line {error.lineno}: {error.msg})"
    if not re.search(rf"\b{re.escape(task.target)}\b", stub):
        yield own, "error", "target", f"the stub does not name {task.target!r}, which course.toml says it defines"


def _check_rules(task: Task, cell: Cell) -> Iterator[_Raw]:
    own = cell_id(cell)
    yield from _mark_faults(cell, {**CHECK_MARK, "grade_id": own, "points": task.points})
    line = f'await check("{task.id}")'
    if cell["source"].strip() != line:
        yield own, "error", "check", f"a check cell holds the one line {line}"
    shown = [
        str(output.get("data", {}).get("text/plain", output.get("text", ""))) for output in cell.get("outputs", [])
    ]
    if shown != [f"✔ {task.id}"]:
        yield own, "error", "passed", f"the stored output is not '✔ {task.id}'; run the solution and save it"


def _mark_faults(cell: Cell, wanted: dict[str, Any]) -> Iterator[_Raw]:
    found = nbgrader(cell)
    for key, value in wanted.items():
        if found.get(key) != value:
            yield cell_id(cell), "error", "nbgrader", f"nbgrader's {key!r} is {found.get(key)!r}, not {value!r}"
    for key in found.keys() - wanted.keys() - {"points", "cell_type", "checksum"}:
        yield cell_id(cell), "error", "nbgrader", f"nbgrader's schema 3 has no {key!r}"
