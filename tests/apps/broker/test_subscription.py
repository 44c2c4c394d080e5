"""A subscription queues in order, bounds its queue, and catches up from the engine where that keeps messages."""

from __future__ import annotations

import asyncio

import pytest

from course_app.apps.broker.subscription import Message, Subscription, stream_position

from .reading import texts


def message(number: int) -> Message:
    return Message("room", str(number), f"{number}-0")


async def test_a_full_queue_drops_the_newest_and_counts_them() -> None:
    subscription = Subscription("room", 2)
    for number in range(1, 6):
        subscription.push(Message("room", str(number)))
    assert (subscription.queued, subscription.missed) == (2, 3)
    assert await texts(subscription, 2) == ["1", "2"]


async def test_what_a_full_queue_dropped_is_read_from_the_engine_in_pages() -> None:
    kept: list[Message] = []

    async def replay(after: str) -> list[Message]:
        return [each for each in kept if stream_position(each.id) > stream_position(after)][:3]

    subscription = Subscription("room", 2, replay, after="1-0")
    for number in range(1, 12):
        kept.append(message(number))
        subscription.push(kept[-1])
    assert await texts(subscription, 10) == [str(number) for number in range(2, 12)]
    assert (subscription.missed, subscription.last_id) == (0, "11-0")


async def test_a_message_that_comes_again_is_passed_over() -> None:
    async def replay(after: str) -> list[Message]:
        return [message(1), message(2)] if after == "0-0" else []

    subscription = Subscription("room", 10, replay, after="0-0")
    assert await texts(subscription, 1) == ["1"]
    reading = asyncio.create_task(texts(subscription, 2))
    await asyncio.sleep(0)
    for number in (1, 2, 3):
        subscription.push(message(number))
    assert await reading == ["2", "3"]


async def test_close_ends_the_iteration_after_what_waits() -> None:
    subscription = Subscription("room", 10)
    subscription.push(Message("room", "last"))
    subscription.close()
    assert await texts(subscription, 1) == ["last"]
    with pytest.raises(StopAsyncIteration):
        await anext(subscription)


def test_positions_sort_as_the_stream_does() -> None:
    ids = ["", "5-0", "5-2", "5-10", "10-0"]
    assert sorted(ids, key=stream_position) == ids
