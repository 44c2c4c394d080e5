"""The contract of every broker, tested with each engine."""

from __future__ import annotations

# Blocks nest where one line would be too long; other processes set no event to wait for.
# ruff: noqa: SIM117
import asyncio
import logging
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from fastapi import FastAPI

from course_app import serve
from course_app.apps.broker import Broker, BrokerError, PayloadTooLarge, open_broker
from course_app.engines import Postgres, Redis
from course_app.serving import logs

from .reading import texts

pytestmark = pytest.mark.integration

ENGINES = ["memory", "redis", "streams", "postgres"]


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest) -> str:
    """Start the engine if it is the first to be asked for, and return its URL."""
    if request.param == "memory":
        return "memory://"
    if request.param == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres_engine")
        return postgres.url
    redis: Redis = request.getfixturevalue("redis_engine")
    return redis.streams_url if request.param == "streams" else redis.url


@pytest.fixture
async def broker(url: str) -> AsyncIterator[Broker]:
    async with open_broker(url, timeout=10) as broker:
        yield broker


@pytest.fixture
def room() -> str:
    return f"room-{uuid4().hex}"


async def test_what_is_published_after_joining_arrives_in_order(broker: Broker, room: str) -> None:
    async with broker.subscribe(room) as messages:
        for number in range(200):
            await broker.publish(room, str(number))
        assert await texts(messages, 200) == [str(number) for number in range(200)]


async def test_a_publisher_that_does_not_wait_keeps_its_order(broker: Broker, room: str) -> None:
    async with broker.subscribe(room) as messages:
        await asyncio.gather(*(broker.publish(room, str(number)) for number in range(300)))
        assert await texts(messages, 300) == [str(number) for number in range(300)]


async def test_every_subscriber_sees_the_same_order(broker: Broker, room: str) -> None:
    async with broker.subscribe(room) as first, broker.subscribe(room) as second:

        async def say(who: str) -> None:
            for number in range(50):
                await broker.publish(room, f"{who}{number}")

        await asyncio.gather(say("a"), say("b"), say("c"))
        seen = await texts(first, 150)
        assert seen == await texts(second, 150)
        for who in "abc":
            assert [text for text in seen if text[0] == who] == [f"{who}{number}" for number in range(50)]


async def test_two_equal_messages_are_two_messages(broker: Broker, room: str) -> None:
    async with broker.subscribe(room) as messages:
        await asyncio.gather(broker.publish(room, "hi"), broker.publish(room, "hi"), broker.publish(room, "end"))
        assert await texts(messages, 3) == ["hi", "hi", "end"]


async def test_rooms_do_not_mix(broker: Broker, room: str) -> None:
    async with broker.subscribe(room) as here, broker.subscribe(room + "x") as there:
        await broker.publish(room, "here")
        await broker.publish(room + "x", "there")
        assert await texts(here, 1) == ["here"]
        assert await texts(there, 1) == ["there"]
        assert here.queued == there.queued == 0


async def test_one_channel_for_all_subscriptions_until_the_last_one_leaves(broker: Broker, room: str) -> None:
    async with broker.subscribe(room) as first:
        async with broker.subscribe(room):
            assert broker.channels == {room: 2}
        assert broker.channels == {room: 1}
        await broker.publish(room, "still here")
        assert await texts(first, 1) == ["still here"]
    assert broker.channels == {}


async def test_leaving_and_joining_again_at_once(broker: Broker, room: str) -> None:
    for number in range(20):
        async with broker.subscribe(room) as messages:
            await broker.publish(room, str(number))
            assert await texts(messages, 1) == [str(number)]


@pytest.mark.parametrize(
    "name",
    ["", " ", 'it\'s "quoted"', "a; DROP TABLE x --", "☃ Straße", "x" * 300, "*", "[a-z]?", "a\nb", "a\0b", "{}", "%s"],
)
async def test_odd_channel_names(broker: Broker, room: str, name: str) -> None:
    async with broker.subscribe(name + room) as messages, broker.subscribe(name + room + "x") as others:
        await broker.publish(name + room, "hello")
        assert await texts(messages, 1) == ["hello"]
        assert others.queued == 0


@pytest.mark.parametrize("text", ["", "☃ \U0001f600", 'it\'s "quoted"', "a\nb\r\n", "%s {}", "x" * 7999])
async def test_odd_texts(broker: Broker, room: str, text: str) -> None:
    async with broker.subscribe(room) as messages:
        await broker.publish(room, text)
        assert await texts(messages, 1) == [text]


async def test_a_text_over_the_limit_is_refused_and_the_next_one_goes_through(broker: Broker, room: str) -> None:
    async with broker.subscribe(room) as messages:
        with pytest.raises(
            PayloadTooLarge, match=f"{broker.max_bytes + 1:,} bytes are over the {broker.max_bytes:,} bytes"
        ):
            await broker.publish(room, "x" * (broker.max_bytes + 1))
        await broker.publish(room, "y" * broker.max_bytes)
        assert await texts(messages, 1) == ["y" * broker.max_bytes]


async def test_the_limit_counts_bytes_not_characters(broker: Broker, room: str) -> None:
    with pytest.raises(PayloadTooLarge):
        await broker.publish(room, "☃" * (broker.max_bytes // 3 + 1))


async def test_half_a_surrogate_pair_is_refused(broker: Broker, room: str) -> None:
    with pytest.raises(BrokerError, match="surrogate"):
        await broker.publish(room, "\ud83d")


async def test_closing_ends_the_subscription(broker: Broker, room: str) -> None:
    async with broker.subscribe(room) as messages:
        reading = asyncio.create_task(texts(messages, 1))
        await asyncio.sleep(0)
        await broker.close()
        with pytest.raises(StopAsyncIteration):
            await anext(messages)
        await asyncio.wait({reading}, timeout=10)
        assert reading.done()
        reading.exception()
    with pytest.raises(BrokerError, match="is closed"):
        await broker.publish(room, "too late")


@pytest.mark.parametrize("url", ["redis", "streams", "postgres"], indirect=True)
async def test_messages_cross_brokers_in_one_order(url: str, room: str) -> None:
    """Two brokers are what two processes have."""
    async with open_broker(url, timeout=10) as one, open_broker(url, timeout=10) as two:
        async with one.subscribe(room) as first, two.subscribe(room) as second:
            await asyncio.gather(*(broker.publish(room, f"{n}") for n, broker in enumerate([one, two] * 50)))
            seen = await texts(first, 100)
            assert seen == await texts(second, 100)
            assert sorted(seen, key=int) == [str(number) for number in range(100)]


@pytest.mark.parametrize("url", ["memory", "redis", "postgres"], indirect=True)
async def test_a_reader_that_falls_behind_misses_the_newest_and_is_told_how_many(url: str, room: str) -> None:
    async with open_broker(url, max_queue=10, timeout=10) as broker:
        async with broker.subscribe(room) as slow, broker.subscribe(room) as quick:
            for number in range(15):
                await broker.publish(room, str(number))
                assert await texts(quick, 1) == [str(number)]
            assert (slow.queued, slow.missed, quick.missed) == (10, 5, 0)
            assert await texts(slow, 10) == [str(number) for number in range(10)]


async def test_a_warning_of_a_broker_goes_to_the_servers_log(capfd: pytest.CaptureFixture[str]) -> None:
    server = await serve(FastAPI(), name="warned")
    logging.getLogger("course.broker").warning("Broker redis://h is not reachable")
    assert "WARNING: Broker redis://h is not reachable" in server.logs.lines()
    assert logs._handler in logging.getLogger("course").handlers
    await server.stop()
    assert "not reachable" not in capfd.readouterr().err
