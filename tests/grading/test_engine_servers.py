"""Answers that make apps, judged by the grader: several servers in one sandboxed kernel, and named wrong answers."""

from __future__ import annotations

import copy
from functools import partial

import pytest

from course_app.grading.engine import check_notebook
from course_app.kernels.kernel import Kernel
from course_app.kernels.sandbox import policy
from course_app.manifest import Course
from course_app.nb.files import read
from tests.support.paths import ROOT

pytestmark = pytest.mark.integration

ANSWERS = ROOT / "tests" / "answers"
PATIENCE = 3.0  # seconds; the machine that runs the suite may be busy


@pytest.mark.parametrize(
    ("slug", "wrong"),
    [
        (
            "scale_out",
            ("1__one-process__local_list_of_clients", "2__announced-too-early__announces_before_subscribing"),
        ),
        ("deploy", ("1__dead-without-broker__liveness_asks_the_broker", "2__gave-up-503__catches_closed_only")),
    ],
)
def test_the_grader_tells_right_from_wrong(course: Course, slug: str, wrong: tuple[str, ...]) -> None:
    lesson = course.lesson(slug)
    notebook = copy.deepcopy(read(course.solution_path(lesson)))
    expected = {f"{slug}.{story[0]}": f"{slug}.{story[0]}.{story.split('__')[1]}" for story in wrong}
    for cell in notebook["cells"]:
        for story in wrong:
            if cell["id"] == f"{slug}-{story[0]}-stub":
                cell["source"] = (ANSWERS / slug / f"{story}.py").read_text(encoding="utf-8")
    kernel = partial(Kernel.start, sandbox=policy.course_sandbox(course.root))
    result = check_notebook(course, lesson, notebook, kernel=kernel, patience=PATIENCE)
    assert {verdict.task: verdict.diagnosis for verdict in result.verdicts if not verdict.passed} == expected
