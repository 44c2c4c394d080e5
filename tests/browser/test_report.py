"""report.html as an instructor meets it: in a browser, with nothing but the file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from course_app.manifest import load
from course_app.nb import files
from course_app.nb.cells import Notebook
from course_app.nb.derive import derive
from tests.support.paths import ROOT

from .accessible import faults

COURSE = load(ROOT)
ECHO = COURSE.lesson("echo")
WRONG = 'once_app = FastAPI()\n\n@once_app.get("/")\ndef nothing(): pass'


def submission(kind: str) -> Notebook:
    """Return the solved exercise, the fresh one, or the solved one with a wrong first answer."""
    solved = files.read(COURSE.solution_path(ECHO))
    if kind == "fresh":
        return derive(solved)
    for cell in solved["cells"]:
        if kind == "wrong" and cell["id"] == "echo-1-stub":
            cell["source"] = WRONG
    return solved


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of four, graded; the folder of its reports."""
    place = tmp_path_factory.mktemp("class")
    for student, kind in {"ada": "right", "bob <b>": "fresh", "cy": "wrong", "dan": "right"}.items():
        (place / "in" / student).mkdir(parents=True)
        files.write(place / "in" / student / "03_echo.ipynb", submission(kind))
    words = ["grade", str(place / "in"), "--out", str(place / "out")]
    done = subprocess.run([sys.executable, "-m", "course_app.cli", *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return place / "out"


@pytest.fixture
def page(browser: Browser, graded: Path) -> Iterator[Page]:
    """The report, and no complaint in the browser's console."""
    said: list[str] = []
    opened = browser.new_page(viewport={"width": 1200, "height": 1400})
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.goto((graded / "report.html").as_uri())
    yield opened
    opened.close()
    assert said == []


def column(page: Page, place: int) -> list[str]:
    return page.locator(f"#students tbody tr td:nth-child({place})").all_text_contents()


def test_a_click_on_a_head_sorts_and_another_turns_it_round(page: Page, artefacts: Path) -> None:
    assert column(page, 1) == ["ada", "bob _b_", "cy", "dan"]
    page.screenshot(path=artefacts / "report.png", full_page=True)
    total = page.locator("#students thead th", has_text="Total")
    place = len(ECHO.tasks) + 2
    total.get_by_role("button").click()
    assert column(page, place) == ["0", "9", "11", "11"], "numbers, not texts: 9 comes before 11"
    expect(total).to_have_attribute("aria-sort", "ascending")
    total.get_by_role("button").press("Enter")
    assert column(page, place) == ["11", "11", "9", "0"]
    expect(total).to_have_attribute("aria-sort", "descending")
    page.locator("#students thead th", has_text="Student").get_by_role("button").click()
    assert column(page, 1) == ["ada", "bob _b_", "cy", "dan"]
    expect(total).not_to_have_attribute("aria-sort", "descending")


def test_a_name_leads_to_the_feedback_with_both_transcripts(page: Page, artefacts: Path) -> None:
    page.get_by_role("link", name="cy").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("cy")
    expect(page.locator("body")).to_contain_text("GET /ws")
    page.screenshot(path=artefacts / "feedback.png", full_page=True)


def test_the_report_has_no_serious_accessibility_fault(page: Page) -> None:
    assert faults(page) == []
