"""An app's page inside the notebook: side by side, on this machine and through jupyter-server-proxy."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import Browser, FrameLocator, Page, Route, expect

from course_app.display.panes import Page as Panes

from .accessible import PAGE_COLOUR, faults
from .conftest import open_jupyter
from .desk import BASE, REMOTE, Desk, Notebook

NAME = "notebooks/panes.ipynb"
CHAT_TEXT = "Two panes, two clients.\nType in one, and watch the other."
CELLS = [
    new_markdown_cell("# Two people talk", id="title"),
    new_code_cell(
        "from fastapi import FastAPI, WebSocket\n"
        "from course_app import connect, serve\n"
        "from course_app.apps import chat, echo",
        id="setup",
    ),
    new_markdown_cell(CHAT_TEXT, id="ask"),
    new_code_cell('server = await serve(chat.app, name="chat")\nserver.show("/", tabs=2)', id="chat"),
    new_code_cell("server.connections()", id="connections"),
    new_code_cell('echoes = await serve(echo.app, name="echo")\nechoes.show("/")', id="echo"),
    new_code_cell("echoes.live()", id="live"),
    new_code_cell(
        'async with connect(echoes, "/ws", name="Zoë") as a, connect(echoes, "/ws", name="Ann") as b:\n'
        '    await a.send("hello")\n'
        "    await a.recv()\n"
        "    await a.ping()\n"
        '    await b.send(b"\\x00")\n'
        "    await b.wait_closed()",
        id="exchange",
    ),
    new_code_cell("echoes.transcript.diagram()", id="diagram"),
    new_code_cell(
        "from course_app import plot\n"
        'plot("Delivery", {"one by one": [1, 2, 40, 180, 250, 250], "queues": [1, 2, 1, 2, 1, 2]}, y="delivery (ms)")',
        id="plot",
    ),
    new_code_cell(
        "odd = FastAPI()\n\n"
        '@odd.websocket("/leave")\n'
        "async def leave(websocket: WebSocket):\n"
        "    await websocket.accept()\n"
        '    await websocket.close(4001, "go away")\n\n'
        '@odd.websocket("/refuse")\n'
        "async def refuse(websocket: WebSocket):\n"
        "    await websocket.close()\n\n"
        'odd_server = await serve(odd, name="odd")\n'
        "print(odd_server.port)",
        id="odd",
    ),
    new_code_cell('server = await serve(chat.app, name="chat")', id="restart"),
    new_code_cell("await echoes.stop()", id="stop-echo"),
]
CLOSING = """(address) => new Promise((resolve) => {
    const socket = new WebSocket(address), seen = [];
    socket.onopen = () => seen.push('open');
    socket.onclose = ({ code, reason }) => resolve([...seen, code, reason]);
})"""
# Swagger UI comes from a CDN, which a test does not ask. This stands in for it: it fetches the schema that it is given.
SWAGGER = """window.SwaggerUIBundle = Object.assign(({ url, dom_id }) => {
    fetch(url).then(answer => answer.json()).then(schema => {
        document.querySelector(dom_id).textContent = `${schema.info.title}: ${JSON.stringify(schema.servers ?? [])}`;
    });
}, { presets: {}, SwaggerUIStandalonePreset: {} });"""


@pytest.fixture(scope="module")
def written(desk: Desk) -> str:
    """A notebook as a lesson might be; it has one kernel for all tests of this module."""
    notebook = new_notebook(cells=CELLS, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    nbformat.write(notebook, desk.root / NAME)
    return NAME


@pytest.fixture(scope="module")
def here(lab_page: Page, written: str) -> Iterator[Notebook]:
    """The notebook in JupyterLab on this machine."""
    notebook = Notebook(lab_page, written).open()
    notebook.run("setup")
    yield notebook
    notebook.close()


@pytest.fixture(scope="module")
def there(browser: Browser, desk: Desk, written: str) -> Iterator[Notebook]:
    """The notebook in JupyterLab on what the browser takes for another machine."""
    page = open_jupyter(browser, desk, desk.remote, "/lab")
    notebook = Notebook(page, written).open()
    notebook.run("setup")
    yield notebook
    page.close()


def tab(notebook: Notebook, cell: str, number: int) -> FrameLocator:
    """Return the page inside one pane."""
    return notebook.output(cell).locator(f'section[aria-label$="tab {number}"]').frame_locator("iframe")


def source(notebook: Notebook, cell: str) -> str:
    found = notebook.output(cell).locator("iframe").first
    return found.get_attribute("src") or ""


def say(page: FrameLocator, text: str) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_label("Message", exact=True).press("Enter")


def connected(notebook: Notebook, cell: str, *tabs: int) -> None:
    for number in tabs:
        expect(tab(notebook, cell, number).get_by_role("status")).to_have_text("Connected", timeout=20_000)


def two_panes_talk(notebook: Notebook, artefact: Path) -> None:
    """Run the chat, talk in both panes, close the second: the first is told."""
    notebook.run("chat")
    connected(notebook, "chat", 1, 2)
    one, two = tab(notebook, "chat", 1), tab(notebook, "chat", 2)
    say(one, "hello from the left")
    expect(two.get_by_role("log")).to_contain_text("says: hello from the left")
    say(two, "and from the right")
    expect(one.get_by_role("log")).to_contain_text("says: and from the right")
    leaver = two.get_by_label("Your number").input_value()
    notebook.show("chat")
    notebook.screenshot(artefact)
    notebook.output("chat").get_by_role("button", name="Close tab 2").click()
    expect(one.get_by_role("log")).to_contain_text(f"Client #{leaver} left the chat")
    expect(notebook.output("chat").locator("iframe")).to_have_count(1)


def test_two_panes_chat_and_closing_one_tells_the_other(here: Notebook, readme_images: Path) -> None:
    two_panes_talk(here, readme_images / "panes-chat.png")
    assert source(here, "chat").startswith("http://127.0.0.1:") and "proxy" not in source(here, "chat")
    assert here.output("chat").get_by_text("jupyter-server-proxy").count() == 0
    assert here.text("chat") == "<2 pages / of server 'chat'>"


def test_scrolling_away_does_not_disconnect(here: Notebook) -> None:
    here.run("chat")
    connected(here, "chat", 1, 2)
    number = tab(here, "chat", 1).get_by_label("Your number").input_value()
    here.show("stop-echo")
    here.page.wait_for_timeout(300)
    here.show("title")
    here.page.wait_for_timeout(300)
    here.show("chat")
    assert tab(here, "chat", 1).get_by_label("Your number").input_value() == number


def test_the_echo_page_sends_and_receives(here: Notebook) -> None:
    here.run("echo")
    connected(here, "echo", 1)
    say(tab(here, "echo", 1), "hello")
    expect(tab(here, "echo", 1).get_by_role("log")).to_have_text("Message text was: hello")


def test_who_is_connected(here: Notebook) -> None:
    here.run("chat")
    connected(here, "chat", 1, 2)
    here.run("connections")
    rows = here.output("connections").get_by_role("row").all_inner_texts()
    assert rows[0].split() == ["peer", "path", "state", "for"]
    assert len(rows) == 3 and all(row.startswith("browser") and "/ws/" in row and "open" in row for row in rows[1:])


def test_a_page_reconnects_when_its_server_comes_back(here: Notebook) -> None:
    here.run("chat")
    connected(here, "chat", 1, 2)
    here.run("restart")
    expect(tab(here, "chat", 1).get_by_role("log")).to_contain_text("close code 1012", timeout=20_000)
    connected(here, "chat", 1, 2)


def test_panes_by_keyboard_alone(here: Notebook) -> None:
    here.run("chat")
    connected(here, "chat", 1, 2)
    reload = here.output("chat").get_by_role("button", name="Reload tab 1")
    reload.focus()
    number = tab(here, "chat", 1).get_by_label("Your number").input_value()
    here.page.keyboard.press("Enter")
    expect(tab(here, "chat", 1).get_by_label("Your number")).not_to_have_value(number)
    expect(tab(here, "chat", 2).get_by_role("log")).to_contain_text(f"Client #{number} left the chat")
    here.page.keyboard.press("Tab")
    expect(here.output("chat").get_by_role("button", name="Close tab 1")).to_be_focused()
    here.page.keyboard.press("Space")
    expect(here.output("chat").get_by_role("button", name="Reload tab 2")).to_be_focused()
    here.page.keyboard.press("Tab")
    here.page.keyboard.press("Enter")
    expect(here.output("chat")).to_contain_text("All tabs are closed.")


def test_a_server_that_is_gone_is_said_to_be_and_reload_finds_it_again(here: Notebook) -> None:
    here.run("echo")
    connected(here, "echo", 1)
    here.run("stop-echo")
    here.output("echo").get_by_role("button", name="Reload tab 1").click()
    expect(here.output("echo")).to_contain_text("Nobody answers")
    here.run("echo")
    connected(here, "echo", 1)


def test_the_live_diagram_grows_and_the_diagrams_are_readable(here: Notebook, artefacts: Path) -> None:
    here.run("echo")
    here.run("live")
    arrows = here.output("live").locator("polygon")
    expect(arrows).to_have_count(0)
    here.run("exchange")
    here.run("diagram")
    here.run("plot")
    expect(here.output("diagram").locator("polygon").first).to_be_visible()
    drawn = here.output("diagram").locator("polygon").count()
    assert drawn >= 12
    expect(arrows).to_have_count(drawn)
    assert here.text("live") == "<the frames as they pass>"
    assert here.text("diagram").splitlines()[0] == "Zoë > GET /ws"
    for theme, scheme in (("JupyterLab Dark", "dark"), ("JupyterLab Light", "light")):
        change_theme(here.page, theme)
        expect(tab(here, "echo", 1).locator(":root")).to_have_css("background-color", PAGE_COLOUR[scheme])
        assert faults(here.page, ".course-wire") == [] == faults(here.page, ".course-panes")
        for cell in ("diagram", "plot", "echo"):
            here.show(cell)
            here.output(cell).screenshot(path=artefacts / f"{cell}-{scheme}.png")
        here.show("chat")
        here.screenshot(artefacts / f"panes-{scheme}.png")


def change_theme(page: Page, theme: str) -> None:
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    page.wait_for_function("dark => document.body.dataset.jpThemeLight === String(!dark)", arg="Dark" in theme)


def test_the_same_through_the_proxy(there: Notebook, artefacts: Path) -> None:
    two_panes_talk(there, artefacts / "panes-chat-proxied.png")
    assert source(there, "chat").startswith(f"http://{REMOTE}:") and f"{BASE}proxy/" in source(there, "chat")
    expect(there.output("chat").get_by_text("loses close codes")).to_have_count(1)


def test_what_the_line_about_the_proxy_says_is_so(here: Notebook, there: Notebook) -> None:
    here.run("odd")
    port = here.text("odd").strip()
    direct, proxied = f"ws://127.0.0.1:{port}", there.page.url.partition(BASE)[0].replace("http", "ws")
    assert here.page.evaluate(CLOSING, f"{direct}/leave") == ["open", 4001, "go away"]
    assert here.page.evaluate(CLOSING, f"{direct}/refuse") == [1006, ""]
    assert there.page.evaluate(CLOSING, f"{proxied}{BASE}proxy/{port}/leave") == ["open", 1005, ""]
    assert there.page.evaluate(CLOSING, f"{proxied}{BASE}proxy/{port}/refuse")[0] == "open"


@pytest.mark.parametrize("behind_proxy", [False, True], ids=["direct", "proxied"])
def test_docs_load(browser: Browser, here: Notebook, there: Notebook, behind_proxy: bool) -> None:
    here.run("odd")
    port = here.text("odd").strip()
    prefix = f"{BASE}proxy/{port}" if behind_proxy else ""
    base = there.page.url.partition(BASE)[0] if behind_proxy else f"http://127.0.0.1:{port}"
    page = browser.new_context(storage_state=there.page.context.storage_state()).new_page()
    page.route("**/*.css", lambda route: route.fulfill(content_type="text/css", body=""))
    page.route("**/swagger-ui-bundle.js", lambda route: route.fulfill(content_type="text/javascript", body=SWAGGER))
    page.goto(f"{base}{prefix}/docs")
    servers = f'[{{"url":"{prefix}"}}]' if prefix else "[]"
    expect(page.locator("#swagger-ui")).to_have_text(f"FastAPI: {servers}")
    page.context.close()


def test_notebook_7_shows_the_panes_too(browser: Browser, desk: Desk, here: Notebook) -> None:
    page = open_jupyter(browser, desk, desk.url, f"/notebooks/{NAME}")
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget?.sessionContext?.isReady")
    there = Notebook(page, NAME)
    two_panes_talk(there, desk.root / "notebook7.png")
    page.close()


DEAF, ALIVE = "http://127.0.0.1:1", "http://127.0.0.1:2"
JUPYTER = '<script id="jupyter-config-data" type="application/json">{"baseUrl": "%s"}</script>'


@pytest.mark.parametrize(
    ("where", "config", "hub", "codespace", "expected", "direct"),
    [
        (
            "https://hub.test/user/zoe/lab",
            JUPYTER % "/user/zoe/",
            None,
            None,
            "https://hub.test/user/zoe/proxy/8765/",
            DEAF,
        ),
        ("https://hub.test/user/zoe/tree", "", "/user/zoe/", None, "https://hub.test/user/zoe/proxy/8765/", DEAF),
        ("https://hub.test/lab", JUPYTER % "/", None, None, "https://hub.test/proxy/8765/", DEAF),
        (
            "http://localhost:8000/user/zoe/",
            "",
            "/user/zoe/",
            None,
            "http://localhost:8000/user/zoe/proxy/8765/",
            ALIVE,
        ),
        ("http://localhost:8888/lab", JUPYTER % "/", None, None, "http://localhost:8888/proxy/8765/", DEAF),
        ("http://localhost:8888/lab", JUPYTER % "/", None, None, "http://localhost:2/", ALIVE),
        ("http://127.0.0.1:8888/lab", JUPYTER % "/", None, None, "http://127.0.0.1:2/", ALIVE),
        ("https://x.vscode-cdn.net/", "", None, "https://otter-PORT.app.test", "https://otter-8765.app.test/", DEAF),
    ],
    ids=[
        "binder",
        "hub without config",
        "own domain",
        "hub on this machine",
        "tunnel",
        "localhost",
        "this machine",
        "codespace in VS Code",
    ],
)
def test_the_address_is_found_wherever_the_page_is(
    browser: Browser, where: str, config: str, hub: str | None, codespace: str | None, expected: str, direct: str
) -> None:
    """All servers are pretended; nobody answers at DEAF, as in a reader's browser on another machine."""
    told = {"name": "main", "direct": direct, "port": 8765, "hub": hub, "codespace": codespace}
    told |= {"path": "/", "queries": ["?room=red"], "height": 300}
    output = Panes("main", direct, "/", ("?room=red",), 300)._repr_html_() or ""
    before, _, rest = output.partition('data-course-panes="')
    output = f'{before}data-course-panes="{html.escape(json.dumps(told))}"{rest.partition(chr(34))[2]}'
    page = browser.new_page()

    def answer(route: Route) -> None:
        if re.match(r"http://(127\.0\.0\.1|localhost):1/", route.request.url):
            route.abort("connectionrefused")
        elif route.request.url == where:
            route.fulfill(content_type="text/html", body=f"<!doctype html><body>{config}{output}")
        else:
            route.fulfill(content_type="text/html", body="<!doctype html>the app")

    page.route("**/*", answer)
    page.goto(where)
    expect(page.locator("iframe")).to_have_attribute("src", f"{expected}?room=red")
    page.close()
