"""The website in a real browser: every page loads clean, search finds, links lead somewhere, a phone shows it whole."""

from __future__ import annotations

import functools
import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from playwright.sync_api import Browser, Page

from course_app.manifest import load
from course_app.site.sphinx_build import build_site
from tests.support.paths import ROOT

from .accessible import faults

COURSE = load(ROOT)
PHONE = {"width": 390, "height": 844}
LINK = re.compile(r'<(?:a|link|script|img)\b[^>]*?\b(?:href|src)="([^"]+)"')


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; Sphinx must have nothing to complain about."""
    out = tmp_path_factory.mktemp("site")
    assert build_site(COURSE, out, repository="https://github.com/someone/course") == []
    return out


@pytest.fixture(scope="session")
def address(pages: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(pages)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def page(browser: Browser, artefacts: Path) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    yield page
    page.close()


def test_every_page_loads_without_a_complaint(page: Page, address: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    for lesson in COURSE.lessons:
        response = page.goto(f"{address}/notebooks/{lesson.stem}.html")
        assert response is not None and response.ok
        assert lesson.title in page.locator("h1").first.inner_text()
    assert complaints == []


def test_stored_outputs_and_the_way_to_binder_are_there(page: Page, address: str) -> None:
    page.goto(f"{address}/notebooks/03_echo.html")
    assert "101 Switching Protocols" in page.locator("article").inner_text()
    link = page.get_by_role("link", name="Open this lesson in Binder")
    assert (link.get_attribute("href") or "").endswith("urlpath=lab/tree/notebooks/03_echo.ipynb")


def test_search_finds_a_term_of_the_glossary(page: Page, address: str) -> None:
    page.goto(f"{address}/search.html?q=subprotocol")
    found = page.locator("#search-results li a", has_text="Glossary").first  # results come one by one
    found.wait_for(timeout=15_000)
    assert (found.get_attribute("href") or "").startswith("docs/glossary.html")


def test_internal_links_are_alive(pages: Path) -> None:
    dead = []
    for file in pages.rglob("*.html"):
        here = file.relative_to(pages).as_posix()
        if here.startswith("_static/"):  # the theme's own templates
            continue
        for link in LINK.findall(file.read_text(encoding="utf-8")):
            target = unquote(urldefrag(urljoin(f"http:///{here}", link.split("?")[0])).url)
            if target.startswith("http:///") and not (pages / target.removeprefix("http:///")).exists():
                dead.append(f"{here}: {link}")
    assert dead == []


@pytest.mark.parametrize("name", ["index", "notebooks/03_echo", "docs/glossary", "exercises/03_echo"])
def test_no_serious_accessibility_fault(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/{name}.html")
    assert faults(page) == []


@pytest.mark.parametrize("name", ["index", "notebooks/03_echo", "docs/glossary"])
def test_it_reads_well_on_a_phone(page: Page, address: str, artefacts: Path, name: str) -> None:
    page.goto(f"{address}/{name}.html")
    page.screenshot(path=artefacts / f"site-wide-{name.rpartition('/')[2]}.png")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.screenshot(path=artefacts / f"site-narrow-{name.rpartition('/')[2]}.png")
    assert wider <= 0
