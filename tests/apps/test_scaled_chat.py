"""The chat on several processes: who gets what, with each broker, and what a client hears when something is wrong."""

from __future__ import annotations

# Blocks nest where one line would be too long; other processes set no event to wait for.
# ruff: noqa: SIM117
import asyncio
import json
import signal
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from course_app import connect, engines, serve
from course_app.apps.scaled_chat import Settings, create_app
from course_app.client.client import Client, Closed, Refused
from course_app.engines.uvicorn_workers import Workers

pytestmark = pytest.mark.integration

APP = "course_app.apps.scaled_chat:app"
SAID = "Client #1 says: hello"


@pytest.fixture(params=["redis", "streams", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres":
        postgres: engines.Postgres = request.getfixturevalue("postgres_engine")
        return postgres.url
    redis: engines.Redis = request.getfixturevalue("redis_engine")
    return redis.streams_url if request.param == "streams" else redis.url


@pytest.fixture
async def two_workers(url: str) -> AsyncIterator[Workers]:
    async with await engines.workers(APP, 2, env={"BROKER_URL": url, "BROKER_TIMEOUT": "10"}) as workers:
        yield workers


@pytest.fixture
def room() -> str:
    return uuid4().hex


def enter(place: Any, client_id: int, room: str, **query: str) -> Any:
    """Connect to a worker, or to a server of this process."""
    where = place.ws_url if isinstance(place, engines.Worker) else place
    return connect(where, f"/ws/{client_id}", query={"room": room, **query}, timeout=20)


async def expect(client: Client, *texts: str) -> None:
    for text in texts:
        assert await client.recv() == text


async def test_in_memory_a_client_of_the_other_worker_misses_the_message(room: str) -> None:
    async with await engines.workers(APP, 2) as (one, two):
        async with enter(one, 1, room) as a, enter(one, 2, room) as b, enter(two, 3, room) as c:
            await a.send("hello")
            await expect(a, "You wrote: hello", SAID)
            await expect(b, SAID)
            await c.send("anybody?")
            await expect(c, "You wrote: anybody?", "Client #3 says: anybody?")  # and nothing of client 1 before it


async def test_with_a_broker_every_client_gets_every_message_in_one_order(two_workers: Workers, room: str) -> None:
    one, two = two_workers
    async with enter(one, 1, room) as a, enter(one, 2, room) as b, enter(two, 3, room) as c, enter(two, 4, room) as d:
        await a.send("hello")
        await expect(a, "You wrote: hello", SAID)
        for client in (b, c, d):
            await expect(client, SAID)
        for number in range(10):
            await b.send(f"b{number}")
            await c.send(f"c{number}")
        seen = [[text async for text in spoken(client, 20)] for client in (a, b, c, d)]
        assert seen[0] == seen[1] == seen[2] == seen[3]
        assert [text for text in seen[0] if "#2" in text] == [f"Client #2 says: b{number}" for number in range(10)]


async def spoken(client: Client, count: int) -> AsyncIterator[str]:
    """Yield the next `count` texts that are not answers to the client itself."""
    while count:
        text = str(await client.recv())
        if not text.startswith("You wrote: "):
            count -= 1
            yield text


async def test_a_leave_is_heard_on_the_other_worker_and_not_in_another_room(two_workers: Workers, room: str) -> None:
    one, two = two_workers
    async with enter(two, 2, room) as b, enter(two, 3, room + "x") as elsewhere:
        async with enter(one, 1, room):
            pass
        await expect(b, "Client #1 left the chat")
        await elsewhere.send("quiet here")
        await expect(elsewhere, "You wrote: quiet here", "Client #3 says: quiet here")


async def test_a_worker_killed_in_mid_broadcast_takes_only_its_own_clients(two_workers: Workers, room: str) -> None:
    one, two = two_workers
    async with enter(two, 2, room) as b:
        a = await enter(one, 1, room)
        flowing = asyncio.create_task(flood(a))
        await expect(b, "Client #1 says: 0")
        await one.kill()
        with pytest.raises(Closed) as lost:
            await flowing
        assert lost.value.code == 1006
        await b.send("still here")
        async with asyncio.timeout(20):
            while (text := await b.recv()) != "Client #2 says: still here":
                assert text.startswith(("Client #1 says: ", "You wrote: still here"))
        await one.start()
        async with enter(one, 5, room) as back:
            await b.send("welcome back")
            await expect(back, "Client #2 says: welcome back")


async def flood(client: Client) -> None:
    number = 0
    while True:
        await client.send(str(number))
        await client.recv()
        number += 1


async def test_one_port_for_two_workers_reaches_everybody(redis_engine: engines.Redis, room: str) -> None:
    """`uvicorn --workers 2`: nobody chooses a worker, and the header tells which one it was."""
    async with await engines.workers(
        APP, 2, shared=True, env={"BROKER_URL": redis_engine.url, "BROKER_TIMEOUT": "10"}
    ) as (both,):
        clients = [await enter(both, number, room) for number in range(10)]
        seen_on = {client.response_headers["x-worker"] for client in clients}
        await clients[0].send("hello")
        await expect(clients[0], "You wrote: hello")
        for client in clients:
            await expect(client, "Client #0 says: hello")
        assert 1 <= len(seen_on) <= 2  # the kernel gives each connection to whoever accepts first
        for client in clients:
            await client.close()


async def test_a_text_over_the_limit_is_the_senders_business(postgres_engine: engines.Postgres, room: str) -> None:
    app = create_app(Settings(broker_url=postgres_engine.url, broker_timeout=10))
    server = await serve(app, name=room)
    async with enter(server, 1, room) as a, enter(server, 2, room) as b:
        await a.send("x" * 9000)
        await expect(a, "You wrote: " + "x" * 9000)
        assert "are over the 7,999 bytes that PostgreSQL NOTIFY carries" in str(await a.recv())
        await a.send("hello")
        await expect(a, "You wrote: hello", SAID)
        await expect(b, SAID)
    await server.stop()


@pytest.mark.parametrize("odd", ['it\'s "quoted"', "☃", "a/b", "a b;c", "%", "*"])
async def test_odd_room_names(url: str, odd: str, room: str) -> None:
    server = await serve(create_app(Settings(broker_url=url, broker_timeout=10)), name=room)
    name = odd + room[:20]
    async with enter(server, 1, name) as a:
        await a.send("hello")
        await expect(a, "You wrote: hello", SAID)
    await server.stop()


async def test_without_the_broker_a_newcomer_is_told_to_try_again_and_a_member_that_it_was_not_delivered(
    redis_engine: object, room: str
) -> None:
    async with await engines.redis() as redis:
        server = await serve(create_app(Settings(broker_url=redis.url, broker_timeout=0.5)), name=room)
        async with enter(server, 1, room) as a:
            await redis.terminate()
            await a.send("anybody?")
            await expect(a, "You wrote: anybody?")
            line = str(await a.recv())
            assert line.startswith("Not delivered: Broker redis://:***@") and redis.password not in line
            with pytest.raises(Refused) as refused:
                await enter(server, 2, room)
            assert refused.value.status == 503
            assert b"is not reachable" in refused.value.body and redis.password.encode() not in refused.value.body
            await redis.start()
            assert await delivered_again(a)
        await server.stop()


async def delivered_again(client: Client) -> bool:
    """Say hello until a hello comes back: one that is said before the server listens again is lost."""

    async def said() -> bool:
        async for text in client.raw:
            if text == SAID:
                return True
        return False

    hearing = asyncio.create_task(said())
    async with asyncio.timeout(60):
        while not hearing.done():
            await client.send("hello")
            await asyncio.wait([hearing], timeout=0.1)
    return hearing.result()


async def test_with_streams_a_client_resumes_after_its_last_id_on_the_other_worker(
    redis_engine: engines.Redis, room: str
) -> None:
    env = {"BROKER_URL": redis_engine.streams_url, "BROKER_TIMEOUT": "10"}
    async with await engines.workers(APP, 2, env=env) as (one, two), enter(one, 1, room) as a:
        b = await enter(two, 2, room, last_id="")
        await a.send("hello")
        seen = json.loads(await b.recv())
        assert seen["text"] == SAID
        await two.kill()
        assert (await b.wait_closed()).code == 1006
        for number in range(3):
            await a.send(str(number))
        # What was said while client 2 was away, in order, from the worker that did not die.
        # Nobody said that client 2 left: the one who would have is dead.
        async with enter(one, 2, room, last_id=seen["id"]) as b:
            texts = [json.loads(await b.recv())["text"] for _ in range(3)]
        assert texts == [f"Client #1 says: {number}" for number in range(3)]


async def test_a_client_cannot_resume_where_nothing_is_kept(room: str) -> None:
    server = await serve(create_app(Settings()), name=room)
    with pytest.raises(Refused) as refused:
        await enter(server, 1, room, last_id="0-0")
    assert refused.value.status == 400
    assert b"keeps no messages to resume from" in refused.value.body
    with pytest.raises(Refused):
        await enter(server, 1, room, last_id="yesterday")
    await server.stop()


async def test_clients_share_one_subscription_for_each_room(redis_engine: engines.Redis, room: str) -> None:
    app = create_app(Settings(broker_url=redis_engine.url, broker_timeout=10))
    server = await serve(app, name=room)
    broker = app.state.chat.broker
    async with enter(server, 1, room), enter(server, 2, room), enter(server, 3, room + "x"):
        assert broker.channels == {f"chat:{room}": 1, f"chat:{room}x": 1}
    async with asyncio.timeout(20):
        while broker.channels:
            await asyncio.sleep(0.02)
    assert app.state.chat.relays == {} and app.state.chat.manager.clients() == set()
    await server.stop()


async def test_nobody_is_accepted_before_the_room_is_joined(redis_engine: object, room: str) -> None:
    """While Redis is frozen the handshake waits: a client that is in cannot have missed anything since."""
    async with await engines.redis() as redis:
        server = await serve(create_app(Settings(broker_url=redis.url, broker_timeout=20)), name=room)
        async with enter(server, 1, room):
            redis.send_signal(signal.SIGSTOP)
            joining = asyncio.create_task(enter_now(server, 2, room + "x"))
            done, _ = await asyncio.wait({joining}, timeout=0.3)
            assert not done
            redis.send_signal(signal.SIGCONT)
            b = await joining
            await b.send("in")
            await expect(b, "You wrote: in", "Client #2 says: in")
            await b.close()
        await server.stop()


async def enter_now(server: Any, client_id: int, room: str) -> Client:
    client: Client = await enter(server, client_id, room)
    return client
