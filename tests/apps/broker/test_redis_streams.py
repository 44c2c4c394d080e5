"""With streams no message is lost: not by a slow reader, not by a restart of Redis, not by a reconnect."""

from __future__ import annotations

# Blocks nest where one line would be too long; other processes set no event to wait for.
# ruff: noqa: SIM117
import asyncio
import signal

from course_app import engines
from course_app.apps.broker import Broker, open_broker

from .reading import texts


async def test_with_streams_a_reader_that_falls_behind_misses_nothing(redis_engine: engines.Redis) -> None:
    async with open_broker(redis_engine.streams_url, max_queue=10, timeout=10) as broker:
        async with broker.subscribe("slow") as slow:
            await broker.publish("slow", "0")
            assert await texts(slow, 1) == ["0"]
            for number in range(1, 1500):
                await broker.publish("slow", str(number))
            assert slow.queued <= 10
            assert await texts(slow, 1499) == [str(number) for number in range(1, 1500)]
            assert slow.missed == 0


async def test_with_streams_nothing_that_was_confirmed_is_lost(redis_engine: object) -> None:
    """Redis is killed and comes back, while one broker publishes and another reads."""
    async with await engines.redis() as redis:
        async with open_broker(redis.streams_url, timeout=10) as one, open_broker(redis.streams_url, timeout=10) as two:
            async with two.subscribe("room") as messages:
                flowing = asyncio.create_task(numbers(one, 400))
                for _ in range(2):
                    await asyncio.sleep(0.2)
                    await redis.restart(signal.SIGKILL)
                await asyncio.wait_for(flowing, 30)
                async with asyncio.timeout(20):
                    seen = [(await anext(messages)).text for _ in range(400)]
    assert seen == [str(number) for number in range(400)]


async def numbers(broker: Broker, count: int) -> None:
    for number in range(count):
        await broker.publish("room", str(number))
        await asyncio.sleep(0.002)


async def test_with_streams_a_subscriber_resumes_after_the_last_id_it_saw(redis_engine: engines.Redis) -> None:
    async with open_broker(redis_engine.streams_url, timeout=10) as broker:
        async with broker.subscribe("resume") as messages:
            await broker.publish("resume", "seen")
            seen = await anext(messages)
        for text in ("missed 1", "missed 2"):
            await broker.publish("resume", text)
        async with broker.subscribe("resume", last_id=seen.id) as messages:
            await broker.publish("resume", "live")
            async with asyncio.timeout(10):
                assert [(await anext(messages)).text for _ in range(3)] == ["missed 1", "missed 2", "live"]
