"""Channels are joined with the first subscription, left with the last one, and confirmed by the engine."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from course_app.apps.broker.channels import Channel, Channels
from course_app.apps.broker.subscription import Message, Subscription


async def test_changes_are_told_once_and_the_last_subscription_leaves() -> None:
    channels, joined = Channels(), dict[str, Any]()
    one, two = Subscription("red", 10), Subscription("red", 10)
    red = channels.join(one)
    assert channels.join(two) is red and channels.counts() == {"red": 2}
    assert channels.take_changes(joined) == (["red"], [])
    assert channels.take_changes(joined) == ([], [])
    channels.leave(one, red)
    assert channels.take_changes(joined) == ([], [])
    channels.leave(two, red)
    assert channels.take_changes(joined) == ([], ["red"]) and channels.counts() == {}


async def test_a_channel_that_was_left_and_joined_again_is_joined_anew() -> None:
    channels, joined = Channels(), dict[str, Any]()
    one, two = Subscription("red", 10), Subscription("red", 10)
    red = channels.join(one)
    channels.take_changes(joined)
    channels.leave(one, red)
    assert channels.join(two) is not red
    assert channels.take_changes(joined) == (["red"], ["red"])
    channels.leave(one, red)  # late: the channel of now has another subscription
    assert channels.counts() == {"red": 1}


async def test_a_change_wakes_who_waits_for_it() -> None:
    channels = Channels()
    channels.take_changes({})
    waiting = asyncio.create_task(channels.wait_for_change())
    await asyncio.sleep(0)
    assert not waiting.done()
    channels.join(Subscription("red", 10))
    await asyncio.wait_for(waiting, 10)


async def test_a_confirmation_lasts_until_the_connection_is_lost() -> None:
    channels = Channels()
    channels.confirm("nobody reads it")
    red: Channel = channels.join(Subscription("red", 10))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(channels.wait_confirmed("red"), 0.01)
    channels.confirm("red")
    await asyncio.wait_for(channels.wait_confirmed("red"), 10)
    channels.unconfirm_all()
    assert not red.confirmed.is_set()
    with pytest.raises(KeyError):
        await channels.wait_confirmed("nobody reads it")


async def test_a_message_reaches_the_subscriptions_of_its_channel_alone() -> None:
    channels = Channels()
    one, two, other = Subscription("red", 10), Subscription("red", 10), Subscription("blue", 10)
    for subscription in (one, two, other):
        channels.join(subscription)
    channels.deliver(Message("red", "hi"))
    channels.deliver(Message("nobody reads it", "hi"))
    assert [each.queued for each in (one, two, other)] == [1, 1, 0]


async def test_close_ends_every_subscription() -> None:
    channels, subscription = Channels(), Subscription("red", 10)
    channels.join(subscription)
    channels.close()
    with pytest.raises(StopAsyncIteration):
        await anext(subscription)
