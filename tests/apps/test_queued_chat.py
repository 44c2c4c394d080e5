"""The queued chat over the wire: everybody hears everybody, and nobody waits for a client that does not read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from course_app import Server, connect, serve
from course_app.apps import queued_chat
from course_app.client.client import Client

WAIT = 20.0  # seconds: an upper bound for a busy machine, never a measure


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    running = await serve(queued_chat.app, name="test queued chat")
    yield running
    await running.stop()
    assert queued_chat.queues == {}


async def join(server: Server, number: int) -> Client:
    client = await connect(server, f"/ws/{number}", timeout=WAIT, max_size=None, max_queue=None)
    async with asyncio.timeout(WAIT):
        while len(queued_chat.queues) < number:
            await asyncio.sleep(0.01)
    return client


async def test_everybody_hears_a_message_and_a_leave(server: Server) -> None:
    one, two = await join(server, 1), await join(server, 2)
    await one.send("é")
    assert [await client.recv() for client in (one, two)] == ["Client #1 says: é"] * 2
    await one.close()
    assert await two.recv() == "Client #1 left the chat"


@pytest.mark.parametrize("way", ["close", "abort", "binary"])
async def test_those_who_stay_hear_of_every_leave(server: Server, way: str) -> None:
    stays = await join(server, 1)
    leaving = [await join(server, number) for number in range(2, 8)]
    if way == "binary":
        await asyncio.gather(*(client.send(b"\x00") for client in leaving))
    else:
        await asyncio.gather(*(getattr(client, way)() for client in leaving))
    notices = {await stays.recv() for _ in leaving}
    assert notices == {f"Client #{number} left the chat" for number in range(2, 8)}


async def test_a_client_that_does_not_read_stops_nobody_and_misses_the_newest(server: Server) -> None:
    server.limit_send_buffer(65_536)
    stuck, listener, writer = [await join(server, number) for number in (1, 2, 3)]
    stuck.stop_reading()
    texts = ["." * 800_000, *map(str, range(60))]
    for text in texts:
        await writer.send(text)
        assert await listener.recv() == f"Client #3 says: {text}"
    stuck.resume_reading()
    async with asyncio.timeout(WAIT):
        while not all(queue.empty() for queue in queued_chat.queues.values()):
            await asyncio.sleep(0.01)
    await writer.send("end")
    got = [await stuck.recv()]
    while not str(got[-1]).endswith("end"):
        got.append(await stuck.recv())
    missed = len(texts) + 1 - len(got)
    assert 0 < missed <= 41
    assert got[:-1] == [f"Client #3 says: {text}" for text in texts[:-missed]]
