"""server.show(): what the kernel says; what the browser makes of it is tested in tests/browser."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from course_app import CourseError, serve
from course_app.display.panes import Page
from course_app.serving.server import Server
from tests.support.apps import make_app


def wanted(page: Page) -> dict[str, Any]:
    """Return what the panes are told."""
    made = page._repr_html_() or ""
    found = re.search(r'data-course-panes="([^"]*)"', made)
    assert found, made
    return dict(json.loads(html.unescape(found[1])))


@pytest.fixture
async def server() -> Any:
    running = await serve(make_app(), name="<main>")
    yield running
    await running.stop()


async def test_the_text_names_no_port(server: Server) -> None:
    assert repr(server.show("/")) == "<the page / of server '<main>'>"
    assert repr(server.show("/docs", tabs=2)) == "<2 pages /docs of server '<main>'>"
    assert str(server.port) not in repr(server.show("/"))


async def test_the_panes_are_told_where_and_how_many(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/zoe/")
    told = wanted(server.show("/", tabs=["?room=red", "?room=blue"], height=300))
    assert told["direct"] == server.url and told["port"] == server.port
    assert (told["path"], told["queries"], told["height"]) == ("/", ["?room=red", "?room=blue"], 300)
    assert told["hub"] == "/user/zoe/" and told["name"] == "<main>"


async def test_nothing_in_a_name_becomes_markup(server: Server) -> None:
    page = server.show("/<img src=x onerror=alert(1)>", tabs=['?"><script>'])
    made = page._repr_html_() or ""
    assert "<img" not in made and made.count("<script>") == 1


async def test_the_codespaces_address(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wanted(server.show("/"))["codespace"] is None
    monkeypatch.setenv("CODESPACE_NAME", "glad-otter")
    monkeypatch.setenv("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN", "app.github.dev")
    assert wanted(server.show("/"))["codespace"] == "https://glad-otter-PORT.app.github.dev"


@pytest.mark.parametrize(
    ("path", "tabs", "message"),
    [
        ("page", 1, "must begin with a slash: use '/page'"),
        ("/", 0, "no number from 1 to 9"),
        ("/", 10, "no number from 1 to 9"),
        ("/", "?room=red", "nor a list of queries"),
        ("/", ["room=red"], r"must begin with a question mark: use '\?room=red'"),
    ],
)
async def test_what_cannot_be_shown(server: Server, path: str, tabs: Any, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        server.show(path, tabs=tabs)


async def test_a_stopped_server_has_no_page(server: Server) -> None:
    await server.stop()
    with pytest.raises(CourseError, match="is stopped"):
        server.show("/")


async def test_on_a_unix_socket_there_is_text_alone(tmp_path: Path) -> None:
    server = await serve(make_app(), uds=str(tmp_path / "s"))
    page = server.show("/")
    assert repr(page) == "<the page / of server 'main'>" and page._repr_html_() is None
    await server.stop()
