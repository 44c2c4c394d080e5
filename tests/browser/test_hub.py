"""A class on a real JupyterHub: two learners, their servers through the hub's proxy, and the instructor's path."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, expect

from course_app.learner.progress import solution_cell
from course_app.manifest import load
from course_app.nb.files import read
from tests.support.paths import ROOT

from .classroom import LEARNERS, Classroom, Learner, classroom, sign_in
from .conftest import SIZE
from .desk import Notebook

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="JupyterHub does not run on Windows")

COURSE = load(ROOT)
ECHO = COURSE.lesson("echo")
LESSON, EXERCISE = f"notebooks/{ECHO.stem}.ipynb", f"exercises/{ECHO.stem}.ipynb"
PAGE = "03-page-show"
WRONG = ROOT / "tests" / "answers" / "echo" / "1__no-prefix__plain_echo.py"
SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"
TALK = """(address) => new Promise((resolve) => {
    const socket = new WebSocket(address);
    socket.onopen = () => socket.send('hello');
    socket.onmessage = ({ data }) => resolve(data);
    socket.onclose = ({ code }) => resolve(code);
})"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    with classroom(ROOT, tmp_path_factory.mktemp("class")) as running:
        yield running


@pytest.fixture(scope="module")
def learners(room: Classroom, browser: Browser) -> Iterator[dict[str, Learner]]:
    """Two people, each in a browser of their own, signed in."""
    found = sign_in(room, browser, LEARNERS, SIZE)
    yield found
    for one in found.values():
        one.context.close()


@pytest.fixture(scope="module")
def lessons(learners: dict[str, Learner]) -> dict[str, Notebook]:
    """Lesson 03 of each learner, run from top to bottom, and then its server started again and on show."""
    notebooks = {}
    for name, one in learners.items():
        notebooks[name] = Notebook(one.page, LESSON).open()
        notebooks[name].run_all()
        assert notebooks[name].unexpected_errors() == []
        notebooks[name].run(PAGE)
        notebooks[name].show(PAGE)
    return notebooks


def pane(notebook: Notebook) -> FrameLocator:
    return notebook.output(PAGE).frame_locator("iframe")


def address(notebook: Notebook) -> str:
    """Return where the learner's browser finds the learner's server: a folder's address, with a slash at its end."""
    source = notebook.output(PAGE).locator("iframe").get_attribute("src", timeout=20_000)
    assert source is not None
    return source


def test_each_learner_has_their_own_copy_of_the_course(room: Classroom, learners: dict[str, Learner]) -> None:
    for name, one in learners.items():
        assert one.page.url.startswith(f"{room.url}/user/{name}/lab")
        for file in (LESSON, EXERCISE, "course.toml"):
            assert (room.course(name) / file).read_bytes() == (ROOT / file).read_bytes()


def test_a_server_in_a_notebook_is_seen_through_the_hubs_proxy(
    room: Classroom, lessons: dict[str, Notebook], artefacts: Path
) -> None:
    for name, notebook in lessons.items():
        expect(pane(notebook).get_by_role("status")).to_have_text("Connected", timeout=20_000)
        pane(notebook).get_by_label("Message", exact=True).fill(f"hello from {name}")
        pane(notebook).get_by_label("Message", exact=True).press("Enter")
        expect(pane(notebook).get_by_role("log")).to_have_text(f"Message text was: hello from {name}")
        assert re.fullmatch(rf"{room.url}/user/{name}/proxy/\d+/", address(notebook))
        notebook.screenshot(artefacts / f"hub-{name}.png")


def test_learners_do_not_reach_each_others_servers(lessons: dict[str, Notebook], learners: dict[str, Learner]) -> None:
    ada, grace = learners["ada"], learners["grace"]
    hers = address(lessons["grace"])
    socket = hers.replace("http", "ws", 1) + "ws"
    assert grace.context.request.get(hers).ok and grace.page.evaluate(TALK, socket) == "Message text was: hello"

    answer = ada.context.request.get(hers)
    assert answer.status == 403 and "Message" not in answer.text()
    assert ada.page.evaluate(TALK, socket) == 1006, "the handshake is refused"
    for path in ("lab", "api/contents", f"files/{EXERCISE}"):
        assert ada.context.request.get(f"{hers.partition('/proxy/')[0]}/{path}").status == 403


def test_strangers_are_sent_to_the_door(room: Classroom, lessons: dict[str, Notebook], browser: Browser) -> None:
    stranger = browser.new_context()
    page = stranger.new_page()
    page.goto(address(lessons["ada"]))
    assert "/hub/login" in page.url
    page.locator("#username_input").fill("mallory")
    page.locator("#password_input").fill(room.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Invalid username or password")).to_be_visible()
    stranger.close()


def course(*words: str) -> subprocess.CompletedProcess[str]:
    """Run `course` as the instructor does: in the course's own folder."""
    command = [sys.executable, "-m", "course_app.cli", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)


def test_a_class_end_to_end(room: Classroom, learners: dict[str, Learner], tmp_path: Path, artefacts: Path) -> None:
    """docs/instructors.md, "A class, end to end": solve, collect, grade, give back, read."""
    answers = {"ada": {task: solution_cell(COURSE, task)["source"] for task in ECHO.tasks}}
    answers["grace"] = {ECHO.tasks[0]: WRONG.read_text(encoding="utf-8")}
    for name, one in learners.items():
        notebook = Notebook(one.page, EXERCISE).open()
        for task, answer in answers[name].items():
            notebook.edit(task.answer_cell, answer)
        notebook.run_all()
        mark = "✔" if name == "ada" else "✘"
        assert notebook.text(f"{ECHO.tasks[0].cell_prefix}-check").startswith(mark)
        one.page.evaluate(SAVE)

    done = course("collect", str(room.homes), "--out", str(room.collected), "--exercise", "echo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ada: 1 collected" in done.stdout and "grace: 1 collected" in done.stdout

    graded = tmp_path / "week-1"
    sandbox = [] if sys.platform == "linux" else ["--no-sandbox"]
    done = course("grade", str(room.collected), "--out", str(graded), "--jobs", "2", *sandbox)
    assert done.returncode == 0, done.stdout + done.stderr
    with (graded / "grades.csv").open(encoding="utf-8", newline="") as table:
        marks = {row["student"]: row for row in csv.DictReader(table)}
    most = sum(task.points for task in ECHO.tasks)
    assert {name: float(row["total"]) for name, row in marks.items()} == {"ada": most, "grace": 0}

    done = course("feedback", str(graded), str(room.homes))
    assert done.returncode == 0, done.stdout + done.stderr
    own = learners["grace"].page.context.new_page()
    own.goto(f"{room.url}/user/grace/files/feedback/week-1.html")
    expect(own.get_by_role("heading", level=1)).to_have_text("grace")
    expect(own.get_by_text(f"0 of {most} points")).to_be_visible()
    own.screenshot(path=artefacts / "hub-feedback.png")
    assert f"{most} of {most} points" in (room.course("ada") / "feedback" / "week-1.html").read_text(encoding="utf-8")
    assert read(room.course("grace") / EXERCISE, strict=False), "what she wrote is still hers"
