"""One browser and one JupyterLab for the session; a fresh notebook tab for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from course_app.setup.browser import ensure_browser, launch_options
from tests.support.paths import ROOT

from .desk import REMOTE, Desk, Notebook, jupyterlab

ARTEFACTS = ROOT / "artefacts"
expect.set_options(timeout=20_000)  # milliseconds: an upper bound for a busy machine
FIRST_LESSON = "() => window.jupyterapp.shell.currentWidget?.context?.isReady"
SIZE: ViewportSize = {"width": 1280, "height": 860}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--readme-screenshots", action="store_true", help="write the README's pictures to docs/images")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    options: dict[str, Any] = launch_options(ensure_browser())
    options["args"] += [f"--host-resolver-rules=MAP {REMOTE} 127.0.0.1"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**options)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with jupyterlab(ROOT, tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture(scope="session")
def lab_page(browser: Browser, desk: Desk) -> Page:
    """JupyterLab at its first lesson, where `course lab` opens it."""
    page = open_jupyter(browser, desk, desk.url, "/")
    page.wait_for_function(FIRST_LESSON)  # it comes to the front by itself, a moment after the start
    return page


def open_jupyter(browser: Browser, desk: Desk, address: str, path: str) -> Page:
    """Return a page with one of Jupyter's front ends, ready."""
    page = browser.new_page(viewport=SIZE)
    page.goto(f"{address}{path}?token={desk.token}")
    page.wait_for_function("() => window.jupyterapp !== undefined", timeout=60_000)
    page.evaluate("() => window.jupyterapp.restored")
    return page


@pytest.fixture
def open_notebook(lab_page: Page, desk: Desk) -> Iterator[Callable[[str], Notebook]]:
    """Return a function that opens a notebook by its path in the course; each is closed when the test ends."""
    opened: list[Notebook] = []

    def open_path(path: str) -> Notebook:
        shutil.copy(ROOT / path, desk.root / path)
        opened.append(Notebook(lab_page, path).open())
        return opened[-1]

    yield open_path
    for notebook in reversed(opened):
        notebook.close()


@pytest.fixture
def artefacts() -> Path:
    """Where screenshots are kept for a person to look at; git ignores it."""
    ARTEFACTS.mkdir(exist_ok=True)
    return ARTEFACTS


@pytest.fixture
def readme_images(request: pytest.FixtureRequest) -> Path:
    """Where the README's pictures go: docs/images when asked for, else a place for artefacts."""
    return ROOT / "docs" / "images" if request.config.getoption("--readme-screenshots") else ARTEFACTS
