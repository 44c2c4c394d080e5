"""Each page of the reference apps in a browser: it finds its server, says how it is, and everybody can use it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from playwright.sync_api import Browser, Page, ViewportSize, WebSocketRoute, expect

from course_app.apps.pages import FOLDER, add_pages
from tests.support.live import fresh, serving

from .accessible import PAGE_COLOUR, faults

PREFIX = "/user/zoe/proxy"  # below a prefix, whatever has an address of its own is wrong
PAGES = sorted(path.stem for path in FOLDER.glob("*.html"))
PANE: ViewportSize = {"width": 400, "height": 400}
PHONE: ViewportSize = {"width": 320, "height": 640}
every_page = pytest.mark.parametrize("name", PAGES)


class Addresses:
    """`addresses / name` is the address of a page, without a slash at the end."""

    def __init__(self, ports: dict[str, int]) -> None:
        self.ports = ports

    def __truediv__(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}{PREFIX}/{name}"


class Below:
    """An app below a prefix, which is off its paths when they reach it: as a proxy shows it."""

    def __init__(self, app: Any, prefix: str) -> None:
        self.app, self.prefix = app, prefix

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if "path" in scope:
            scope = {**scope, "path": scope["path"].removeprefix(self.prefix)}
        await self.app(scope, receive, send)


def app_of(name: str) -> Any:
    """Return the app that a page belongs to, or one that takes whatever comes: a capstone's app is the learner's."""
    if find_spec(f"course_app.apps.{name}"):
        return fresh(name).app
    app = FastAPI()
    add_pages(app, f"{name}.html")

    @app.websocket("/{path:path}")
    async def take(websocket: WebSocket, path: str) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(text)

    return app


@pytest.fixture(scope="module")
def address() -> Iterator[Addresses]:
    """Where each page is. Every app has its own server, and is below PREFIX."""
    with ExitStack() as stack:
        ports = {name: stack.enter_context(serving(Below(app_of(name), f"{PREFIX}/{name}"))).port for name in PAGES}
        yield Addresses(ports)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PANE)
    yield context.new_page()
    context.close()


def enter(page: Page, address: str) -> Page:
    """Open a page, and press its first button where it waits for that."""
    page.goto(f"{address}/")
    if status(page) == "Not connected":
        page.locator("button:enabled").first.click()
    return page


def status(page: Page) -> str:
    return page.locator("#status").inner_text()


def with_closing_server(page: Page, code: int, reason: str) -> list[str]:
    """Put a server that closes each connection at once in place of the real one; return the addresses asked for."""
    asked: list[str] = []

    def closing(socket: WebSocketRoute) -> None:
        asked.append(socket.url)
        socket.close(code=code, reason=reason)

    page.route_web_socket(re.compile("ws"), closing)
    return asked


@every_page
def test_it_connects_below_a_prefix(page: Page, address: Addresses, name: str, artefacts: Path) -> None:
    enter(page, address / name)
    expect(page.locator("#status")).to_have_text("Connected")
    expect(page.locator("#status")).to_have_attribute("data-state", "open")
    assert page.evaluate("document.documentElement.scrollHeight") <= PANE["height"], "a pane of show() holds it all"
    for scheme, colour in PAGE_COLOUR.items():
        page.evaluate("colorScheme => postMessage({ colorScheme }, '*')", scheme)
        expect(page.locator(":root")).to_have_css("background-color", colour)
        page.screenshot(path=artefacts / f"page-{name}-{scheme}.png")


@every_page
def test_no_serious_fault_for_accessibility(page: Page, address: Addresses, name: str) -> None:
    page.goto(f"{address / name}/")
    assert faults(page) == [], "as it opens"
    enter(page, address / name)
    expect(page.locator("#status")).to_have_attribute("data-state", "open")
    for box in page.get_by_role("textbox").all():
        if box.is_enabled() and not box.input_value():
            box.fill("1")
            box.press("Enter")
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        assert faults(page) == [], f"connected, {scheme}"
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], "a phone scrolls sideways"


@every_page
def test_it_tells_the_close_code_and_the_reason_and_stays_away_when_told(
    page: Page, address: Addresses, name: str
) -> None:
    page.clock.install()
    asked = with_closing_server(page, 1008, "not today")
    enter(page, address / name)
    expect(page.locator("#status")).to_have_text("Disconnected: close code 1008, “not today”")
    page.clock.run_for(60_000)
    page.wait_for_timeout(100)
    assert len(asked) == 1, "1008 says that another attempt would be no use"


def test_it_comes_back_later_and_later(page: Page, address: Addresses) -> None:
    page.clock.install()
    asked = with_closing_server(page, 1012, "service restart")
    enter(page, address / "echo")
    waits = []
    for attempt in range(1, 9):
        expect(page.locator("#status")).to_contain_text("close code 1012, “service restart”. Next attempt in")
        assert len(asked) == attempt
        said = re.search(r"in ([\d.]+) s", status(page))
        assert said
        waits.append(float(said[1]))
        page.clock.run_for(round(waits[-1] * 1000 + 100))
        for _ in range(100):
            if len(asked) > attempt:
                break
            page.wait_for_timeout(20)
    longest = [min(30.0, 0.5 * 2**attempt) for attempt in range(8)]
    assert all(most / 2 - 0.05 <= wait <= most + 0.05 for wait, most in zip(waits, longest, strict=True)), waits


def test_backoff_doubles_up_to_half_a_minute_and_is_never_the_same(page: Page, address: Addresses) -> None:
    page.goto(f"{address / 'echo'}/")
    least, most, some = page.evaluate(
        """async () => {
            const { backoff } = await import("./static/socket.js");
            const all = (random) => [0, 1, 2, 3, 5, 6, 20].map((attempt) => backoff(attempt, random));
            return [all(() => 0), all(() => 1), Array.from({ length: 50 }, () => backoff(4))];
        }"""
    )
    assert most == [0.5, 1, 2, 4, 16, 30, 30]
    assert least == [value / 2 for value in most]
    assert len(set(some)) > 25


def test_an_https_page_asks_for_wss(page: Page, address: Addresses) -> None:
    page.goto(f"{address / 'echo'}/")
    source = (FOLDER / "socket.js").read_text(encoding="utf-8")
    page.route(
        "https://hub.test/**",
        lambda route: route.fulfill(
            content_type="text/javascript" if route.request.url.endswith(".js") else "text/html",
            body=source if route.request.url.endswith(".js") else "<!doctype html><title>hub</title>",
        ),
    )
    page.goto("https://hub.test/user/zoe/proxy/8000/?x=1#top")
    found = page.evaluate("async () => (await import('./static/socket.js')).socketAddress('ws/7?room=red')")
    assert found == "wss://hub.test/user/zoe/proxy/8000/ws/7?room=red"


def test_the_echo_page_by_keyboard_alone(page: Page, address: Addresses) -> None:
    enter(page, address / "echo")
    expect(page.locator("#status")).to_have_text("Connected")
    page.keyboard.press("Tab")
    expect(page.get_by_role("log", name="Messages")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    page.keyboard.type("<b>hi</b>")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_have_text("Message text was: <b>hi</b>")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()


def test_the_guarded_echo_page_sends_room_and_token(page: Page, address: Addresses) -> None:
    page.goto(f"{address / 'guarded_echo'}/")
    page.get_by_label("Room").fill("12")
    page.get_by_label("Token").fill("key-bob")
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_text("Connected")
    page.keyboard.type("hello")  # the keyboard is in the message field
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_have_text("Message text was: hello, from Bob in room 12")


def test_the_guarded_echo_page_says_that_it_was_refused(page: Page, address: Addresses) -> None:
    page.goto(f"{address / 'guarded_echo'}/")
    page.get_by_label("Token").fill("key&eve")
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("Refused (a browser sees only 1006)")
    expect(page.get_by_label("Message", exact=True)).to_be_disabled()


def test_the_chat_page_keeps_rooms_apart_and_takes_leave(page: Page, address: Addresses) -> None:
    page.goto(f"{address / 'chat'}/?room=red")
    other = page.context.new_page()
    other.goto(f"{address / 'chat'}/?room=red")
    third = page.context.new_page()
    third.goto(f"{address / 'chat'}/?room=blue")
    for each in (page, other, third):
        expect(each.get_by_role("status")).to_have_text("Connected")
    page.get_by_label("Message", exact=True).fill("to red")
    page.keyboard.press("Enter")
    number = page.get_by_label("Your number").input_value()
    assert number != other.get_by_label("Your number").input_value()
    expect(other.get_by_role("log")).to_contain_text(f"Client #{number} says: to red")
    page.get_by_role("button", name="Leave").click()
    expect(page.locator("#status")).to_have_text("Disconnected: close code 1000, “bye”")
    expect(other.get_by_role("log")).to_contain_text(f"Client #{number} left the chat")
    assert "to red" not in third.get_by_role("log").inner_text()
