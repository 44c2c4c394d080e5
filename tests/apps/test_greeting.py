"""The guestbook's page and greeting, run by a real uvicorn."""

from __future__ import annotations

import httpx
import pytest

from course_app import Server, serve
from course_app.apps import greeting


@pytest.fixture
async def server():
    server = await serve(greeting.app, name="greeting under test")
    yield server
    await server.stop()


async def test_the_page_is_html(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        page = await client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "<h1>Guestbook</h1>" in page.text


@pytest.mark.parametrize("name", ["Ada", "Zoë Å", "<b>"])
async def test_a_guest_is_greeted_by_name_in_json(server: Server, name: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        reply = await client.get(f"/greet/{name}")
    assert reply.json() == {"message": f"Hello, {name}!"}


async def test_a_greeting_without_a_name_is_not_found(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        assert (await client.get("/greet/")).status_code == 404
