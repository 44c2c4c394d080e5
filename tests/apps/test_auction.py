"""The auction on the wire, run by a real uvicorn; its state is the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from course_app import Closed, Refused, Server, connect, serve
from course_app.apps.auction import app, get_state, manager


@pytest.fixture
def state() -> dict[str, Any]:
    return {"best_bid": 0, "idle_timeout": 60.0}


@pytest.fixture
async def server(state: dict[str, Any]) -> AsyncIterator[Server]:
    app.dependency_overrides[get_state] = lambda: state
    server = await serve(app, name="auction under test")
    yield server
    await server.stop()
    app.dependency_overrides.clear()


async def test_everybody_hears_a_bid_and_only_the_bidder_that_it_is_too_low(server: Server) -> None:
    async with connect(server, "/ws?name=Ada") as ada, connect(server, "/ws?name=Bob") as bob:
        for bid in ("7", "7", "x", "-8", "", "9" * 5000, "²"):
            await ada.send(bid)
        assert [await ada.recv() for _ in range(7)] == ["Ada bids 7", *["too low"] * 6]
        await bob.send("8")
        assert await ada.recv() == "Bob bids 8"
        assert [await bob.recv() for _ in range(2)] == ["Ada bids 7", "Bob bids 8"]


async def test_a_silent_bidder_is_disconnected(server: Server, state: dict[str, Any]) -> None:
    state["idle_timeout"] = 0.05
    async with connect(server, "/ws?name=Ada") as ada:
        assert await ada.wait_closed() == (4408, "going, going, gone")


async def test_a_bid_starts_the_time_anew(server: Server, state: dict[str, Any]) -> None:
    state["idle_timeout"] = 5.0
    async with connect(server, "/ws?name=Ada") as ada:
        state["idle_timeout"] = 0.05  # from the first bid on
        await ada.send("7")
        assert await ada.recv() == "Ada bids 7"
        assert (await ada.wait_closed()).code == 4408


@pytest.mark.parametrize("leave", ["close", "abort"])
async def test_the_others_go_on_after_one_has_left(server: Server, leave: str) -> None:
    async with connect(server, "/ws?name=Ada") as ada:
        async with connect(server, "/ws?name=Bob") as bob:
            await getattr(bob, leave)()
        await ada.send("7")
        assert await ada.recv() == "Ada bids 7"
    assert not [line for line in server.logs.lines() if "Traceback" in line]


async def test_nobody_stays_behind(server: Server) -> None:
    async with connect(server, "/ws?name=Ada") as ada:
        await ada.send(b"\x00")
        with pytest.raises(Closed) as closed:
            await ada.recv()
        assert closed.value.code == 1003
    await server.stop()
    assert manager.present() == []


async def test_a_bidder_needs_a_name(server: Server) -> None:
    with pytest.raises(Refused) as refused:
        await connect(server, "/ws")
    assert refused.value.status == 403


async def test_the_page_is_served(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        page = await client.get("/")
        assert "<h1>Auction</h1>" in page.text and (await client.get("/static/socket.js")).status_code == 200
