"""A broker whose engine is missing, wrong, restarted or slow: one clear line, no password, and it reconnects."""

from __future__ import annotations

# Blocks nest where one line would be too long; other processes set no event to wait for.
# ruff: noqa: SIM117
import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest

from course_app import engines
from course_app.apps.broker import Broker, BrokerError, open_broker
from course_app.engines.child_process import free_port

pytestmark = pytest.mark.integration

PASSWORD = "s3cret p@ss/word"
Faulty = engines.Redis | engines.Postgres


@pytest.fixture(params=["redis", "streams", "postgres"])
async def engine(request: pytest.FixtureRequest, redis_engine: object) -> AsyncIterator[Faulty]:
    """An engine of this test's own, to be ill-treated. (`redis_engine` sees to it that Redis is installed.)"""
    made: Faulty = await (engines.postgres() if request.param == "postgres" else engines.redis())
    made.wanted = request.param  # type: ignore[union-attr]
    async with made:
        yield made


def url_of(engine: Faulty) -> str:
    if engine.wanted == "streams":  # type: ignore[union-attr]
        assert isinstance(engine, engines.Redis)
        return engine.streams_url
    return engine.url


async def until_published(broker: Broker, room: str, text: str) -> None:
    """Publish until it is confirmed."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await broker.publish(room, text)
            except BrokerError:
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_flow_resumes_after_the_engine_was_restarted(engine: Faulty, how: signal.Signals) -> None:
    async with open_broker(url_of(engine), timeout=5) as broker, broker.subscribe("room") as messages:
        await broker.publish("room", "before")
        assert (await anext(messages)).text == "before"
        await engine.restart(how)
        async with asyncio.timeout(20):
            while broker.reconnects == 0 or broker.problem:
                await asyncio.sleep(0.02)
                await until_published(broker, "other", "stir")
        # Joining answers only once the engine has confirmed: the old subscription was joined again as well by then.
        async with broker.subscribe("room"):
            await until_published(broker, "room", "after")
        async with asyncio.timeout(20):
            assert (await anext(messages)).text == "after"


async def test_only_streams_can_resume(redis_engine: engines.Redis) -> None:
    for url in ("memory://", redis_engine.url):
        async with open_broker(url) as broker:
            with pytest.raises(BrokerError, match="keeps no messages to resume from"):
                async with broker.subscribe("room", last_id="0-0"):
                    pass


def wrong_urls(scheme: str) -> str:
    user = "course" if scheme == "postgresql" else ""
    path = "postgres" if scheme == "postgresql" else "0"
    return f"{scheme}://{user}:{quote(PASSWORD, safe='')}@127.0.0.1:{{port}}/{path}"


@pytest.mark.parametrize("scheme", ["redis", "redis+streams", "postgresql"])
async def test_an_engine_out_of_reach_is_one_line_without_the_password(
    scheme: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "course.broker")
    async with open_broker(wrong_urls(scheme).format(port=free_port()), timeout=1) as broker:
        with pytest.raises(BrokerError, match=r"^Not delivered: Broker \S+ is not reachable \(.+\): start it") as sent:
            await broker.publish("room", "hello")
        with pytest.raises(BrokerError, match=r"^Broker \S+ is not reachable") as joined:
            async with broker.subscribe("room"):
                pass
        with pytest.raises(BrokerError):
            await broker.ready()
        assert broker.channels == {} and broker.outbox_size == 0
    said = [str(sent.value), str(joined.value), *caplog.messages]
    for line in said:
        assert "\n" not in line and ":***@" in line
        assert PASSWORD not in line and quote(PASSWORD, safe="") not in line
    assert len(set(caplog.messages)) == len(caplog.messages) < 4  # each reason once, however often it was tried


@pytest.mark.parametrize("scheme", ["redis", "redis+streams", "postgresql"])
async def test_a_wrong_password_is_named_and_not_repeated(
    scheme: str, redis_engine: engines.Redis, postgres_engine: engines.Postgres
) -> None:
    engine = postgres_engine if scheme == "postgresql" else redis_engine
    async with open_broker(wrong_urls(scheme).format(port=engine.port), timeout=2) as broker:
        with pytest.raises(BrokerError, match="refused the password: correct the user name or the password") as error:
            await broker.ready()
        assert PASSWORD not in str(error.value) and "\n" not in str(error.value)


async def test_no_password_where_one_is_needed(redis_engine: engines.Redis) -> None:
    async with open_broker(f"redis://127.0.0.1:{redis_engine.port}", timeout=2) as broker:
        with pytest.raises(BrokerError, match="refused the password"):
            await broker.publish("room", "hello")


async def test_a_full_outbox_refuses_instead_of_growing() -> None:
    async with open_broker(f"redis://127.0.0.1:{free_port()}", max_queue=5, timeout=0.5) as broker:
        results = await asyncio.gather(*(broker.publish("room", "x") for _ in range(8)), return_exceptions=True)
    lines = [str(result) for result in results]
    assert sum("5 messages already wait" in line for line in lines) == 3
    assert all(isinstance(result, BrokerError) for result in results)


async def test_nothing_is_published_twice_when_the_answer_is_lost(redis_engine: object) -> None:
    """A frozen Redis takes the message and cannot say so: the sender hears that, and everybody gets it at most once."""
    async with await engines.redis() as redis, open_broker(redis.url, timeout=0.5) as broker:
        async with broker.subscribe("room") as messages:
            await broker.publish("room", "first")
            redis.send_signal(signal.SIGSTOP)
            with pytest.raises(BrokerError, match="elivered"):
                await broker.publish("room", "lost")
            redis.send_signal(signal.SIGCONT)
            await until_published(broker, "room", "last")
            seen: list[str] = []
            async with asyncio.timeout(10):
                while not seen or seen[-1] != "last":
                    seen.append((await anext(messages)).text)
            assert seen.count("lost") <= 1 and seen.count("last") == 1
