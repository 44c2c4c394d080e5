"""The short way to the server: the same messages, the same endings, and fewer layers between."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from course_app.apps.connection import Limits
from course_app.apps.direct import Direct
from tests.support.live import close_code, fresh, read_until, reset, serving

from .test_chat import flood


class Watched:
    """Middleware that writes down what passes it on its way out."""

    def __init__(self, app: ASGIApp, passed: list[str]) -> None:
        self.app, self.passed = app, passed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def note(message: Message) -> None:
            self.passed.append(message["type"])
            await send(message)

        await self.app(scope, receive, note)


@pytest.fixture
def chat() -> Any:
    finished: Any = fresh("chat")
    finished.passed = []
    finished.app.add_middleware(Watched, passed=finished.passed)
    finished.app.add_middleware(Direct)
    return finished


async def test_messages_skip_the_layers_and_the_handshake_and_the_end_do_not(chat: Any) -> None:
    with serving(chat.app) as live:
        async with live.client(1) as one, live.client(2) as two:
            await one.send("hello")
            assert await read_until(two, "Client #1 says: hello") == ["Client #1 says: hello"]
            await two.send(b"\x00")
            assert await close_code(two) == 1003
            assert (await read_until(one, "Client #2 left the chat"))[-1] == "Client #2 left the chat"
        assert live.errors == []
    seen = {name for name in chat.passed if name.startswith("websocket.")}
    assert seen == {"websocket.accept", "websocket.close"}


async def test_who_is_gone_costs_the_others_nothing(chat: Any) -> None:
    with serving(chat.app) as live:
        async with contextlib.AsyncExitStack() as stack:
            clients = await live.clients(stack, *range(20))
            for client in clients[::2]:
                reset(client)
            await clients[1].send("still here?")
            for client in clients[1::2]:
                got = await read_until(client, "Client #1 says: still here?")
                while sum(text.endswith("left the chat") for text in got) < 10:
                    got.append(str(await client.recv()))
                assert len(set(got)) == len(got), "each farewell once"
        assert live.errors == []


async def test_a_client_that_stops_reading_is_disconnected(chat: Any) -> None:
    chat.manager.limits = Limits(max_queue=8, close_timeout=0.2)
    with serving(chat.app) as live, await live.stalled(3):
        assert (await flood(live, 3, 8)).count("Client #3 left the chat") == 1
        assert live.errors == []
