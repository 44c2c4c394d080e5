"""Every lesson in real JupyterLab: Run All ends without an error, and the first one is what a learner sees first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from course_app.manifest import Lesson, load
from tests.support.paths import ROOT

from .desk import Desk, Notebook

COURSE = load(ROOT)
# That every lesson of the manifest has its files is `course lint`'s to say.
LESSONS = [lesson for lesson in COURSE.lessons if COURSE.lesson_path(lesson).exists()]
Open = Callable[[str], Notebook]


def test_the_first_lesson_opens_at_start(lab_page: Page, desk: Desk) -> None:
    lab_page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget?.context?.path === 'notebooks/00_start.ipynb'"
    )
    assert "Start here" in lab_page.title() or lab_page.get_by_role("tab", name="00_start.ipynb").count() == 1
    # JupyterLab asks about its news some seconds after the start.
    lab_page.wait_for_timeout(6000)
    assert lab_page.get_by_role("dialog").count() == 0, "nothing stands between a learner and the lesson"
    assert lab_page.get_by_text("Nbgrader").count() == 0, "the instructor's panels stay out of a learner's sight"
    assert lab_page.locator(".Toastify__toast").count() == 0, "nor does a question about something else"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_lesson_runs_from_top_to_bottom(lesson: Lesson, open_notebook: Open, artefacts: Path) -> None:
    notebook = open_notebook(f"notebooks/{lesson.stem}.ipynb")
    notebook.run_all()
    notebook.screenshot(artefacts / f"notebook-{lesson.stem}.png")
    assert notebook.unexpected_errors() == []
