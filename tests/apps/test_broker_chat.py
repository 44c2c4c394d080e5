"""The smallest chat that crosses processes, on two real workers."""

from __future__ import annotations

# Blocks nest where one line would be too long.
# ruff: noqa: SIM117
import pytest

from course_app import connect, engines
from course_app.client.client import Client

pytestmark = pytest.mark.integration

APP = "course_app.apps.broker_chat:app"


async def until(client: Client, text: str) -> list[str]:
    heard: list[str] = []
    while not heard or heard[-1] != text:
        heard.append(str(await client.recv()))
    return heard


@pytest.fixture(params=["redis_engine", "postgres_engine"])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param).url)


async def test_messages_and_departures_cross_the_workers(url: str) -> None:
    async with await engines.workers(APP, 2, env={"BROKER_URL": url}) as (one, two):
        async with connect(two.ws_url, "/ws/2?room=x", timeout=20) as b:
            async with connect(one.ws_url, "/ws/1?room=x", timeout=20) as a:
                await a.send("hello")
                for client in (a, b):
                    assert await until(client, "Client #1 says: hello") == ["Client #1 says: hello"]
            assert await until(b, "Client #1 left the chat") == ["Client #1 left the chat"]
            async with connect(one.ws_url, "/ws/3?room=y", timeout=20) as elsewhere:
                await elsewhere.send("alone")
                await until(elsewhere, "Client #3 says: alone")
            await b.send("still here")
            assert await until(b, "Client #2 says: still here") == ["Client #2 says: still here"]
        assert not [line for worker in (one, two) for line in worker.log_lines if "Traceback" in line]


async def test_without_a_broker_each_worker_is_alone() -> None:
    async with await engines.workers(APP, 2) as (one, two):
        async with connect(one.ws_url, "/ws/1", timeout=20) as a, connect(two.ws_url, "/ws/2", timeout=20) as b:
            await a.send("hello")
            await until(a, "Client #1 says: hello")
            await b.send("anybody?")
            assert await until(b, "Client #2 says: anybody?") == ["Client #2 says: anybody?"]
