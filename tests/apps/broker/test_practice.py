"""`practice://`: brokers of one name in one process share an engine that keeps messages."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from course_app.apps.broker import BrokerError, open_broker
from course_app.apps.broker.practice import PracticeBroker


async def test_practice_joins_brokers_of_one_name_and_keeps_messages() -> None:
    async with open_broker("practice://one") as a, open_broker("practice://one") as b, open_broker("practice://x") as x:
        await a.publish("room", "0")
        async with b.subscribe("room") as new, b.subscribe("room", "0-0") as all_of_it, x.subscribe("room") as other:
            for number in "123":
                await a.publish("room", number)
            await x.publish("room", "elsewhere")
            seen = [await anext(all_of_it) for _ in range(4)]
            assert [message.text for message in seen] == ["0", "1", "2", "3"]
            assert [(await anext(new)).text for _ in range(3)] == ["1", "2", "3"]
            assert (await anext(other)).text == "elsewhere"
            async with a.subscribe("room", seen[1].id) as resumed:
                assert [(await anext(resumed)).text for _ in range(2)] == ["2", "3"]
    async with open_broker("practice://one") as late, late.subscribe("room", "0-0") as messages:
        assert messages.queued == 0


async def test_practice_takes_its_time_to_join() -> None:
    async with open_broker("practice://two?pause=0.1") as a, open_broker("practice://two?limit=3") as b:
        assert isinstance(a, PracticeBroker)
        joining = asyncio.create_task(first(a))
        await asyncio.sleep(0)
        await b.publish("room", "old")
        while not a.confirmed_channels:
            await asyncio.sleep(0.01)
        await b.publish("room", "new")
        assert await joining == "new"
        with pytest.raises(BrokerError, match="over the 3 bytes"):
            await b.publish("room", "long")


async def first(broker: Any) -> str:
    async with broker.subscribe("room") as messages:
        return str((await anext(messages)).text)


@pytest.mark.parametrize("url", ["practice://", "practice://x?pause=soon", "practice://x?limit=few"])
def test_practice_says_what_is_wrong_with_its_url(url: str) -> None:
    with pytest.raises(BrokerError, match="needs a name|are numbers"):
        open_broker(url)
