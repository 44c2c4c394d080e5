"""What lesson 14 says of browsers, in a browser: whose origin they send, what they keep, what they make of markup."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI, WebSocket
from playwright.sync_api import Browser, Page, expect

from tests.support.live import fresh, serving

OPEN = """([address, offered]) => new Promise((resolve) => {
    const socket = new WebSocket(address, offered);
    socket.onopen = () => { resolve(`open ${socket.protocol}`); socket.close(); };
    socket.onclose = ({ code }) => resolve(`closed ${code}`);
})"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def picking() -> FastAPI:
    """Return an app that picks the subprotocol its path names."""
    app = FastAPI()
    app.get("/")(lambda: "a page")

    @app.websocket("/{pick}")
    async def endpoint(websocket: WebSocket, pick: str) -> None:
        await websocket.accept(subprotocol=None if pick == "nothing" else pick)
        async for _ in websocket.iter_text():
            pass

    return app


def test_a_browser_that_offers_subprotocols_gives_up_when_none_comes_back(page: Page) -> None:
    with serving(picking()) as live:
        page.goto(f"http://127.0.0.1:{live.port}/")
        answers = {
            pick: page.evaluate(OPEN, [f"ws://127.0.0.1:{live.port}/{pick}", ["chat", "s3cret"]])
            for pick in ("nothing", "chat", "s3cret")
        }
    assert answers == {"nothing": "closed 1006", "chat": "open chat", "s3cret": "open s3cret"}


def test_a_page_of_another_origin_is_refused(page: Page) -> None:
    with serving(fresh("secure").app) as live:
        address = f"ws://127.0.0.1:{live.port}/ws"
        page.goto(f"http://127.0.0.1:{live.port}/")
        assert page.evaluate(OPEN, [address, []]) == "open "
        page.goto(f"http://localhost:{live.port}/")
        assert page.evaluate(OPEN, [address, []]) == "closed 1006"


def test_markup_in_a_message_stays_text(page: Page) -> None:
    with serving(fresh("secure").app) as live:
        page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
        page.goto(f"http://127.0.0.1:{live.port}/")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("status")).to_have_text("Connected")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("log")).to_have_text("ada: <img src=x onerror=alert(1)>")
        assert page.locator("#messages img").count() == 0
        assert page.evaluate("document.cookie") == "", "a script cannot read the session"
