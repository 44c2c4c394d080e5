"""One client of the chat: order, limits, policies, and its end."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from tests.support.live import settle

from .peers import Peer, client_of


async def test_who_can_take_it_gets_it_at_once_without_a_task() -> None:
    peer = Peer()
    client = client_of(peer)
    tasks = asyncio.all_tasks()
    client.send("now")
    assert peer.got == ["now"]
    assert asyncio.all_tasks() == tasks


async def test_order_is_kept_however_the_peer_stalls() -> None:
    dice, peer = random.Random(11), Peer()
    client = client_of(peer, max_queue=10_000)
    for number in range(2000):
        client.send(str(number))
        peer.reads.set() if dice.random() < 0.3 else peer.reads.clear()
        if dice.random() < 0.2:
            await asyncio.sleep(0)
    peer.reads.set()
    await settle(lambda: client.writer is None)
    assert peer.got == [str(number) for number in range(2000)]


@pytest.mark.parametrize(
    ("when_full", "kept", "dropped"),
    [("drop oldest", ["0", "4", "5"], 3), ("drop newest", ["0", "1", "2"], 3)],
)
async def test_a_full_queue_drops_by_policy(when_full: Any, kept: list[str], dropped: int) -> None:
    peer = Peer()
    client = client_of(peer, max_queue=2, when_full=when_full)
    peer.reads.clear()
    for text in "012345":
        client.send(text)
    assert len(client.queue) == 2
    peer.reads.set()
    await settle(lambda: client.writer is None)
    assert peer.got == kept
    assert client.dropped_count == dropped


async def test_a_full_queue_disconnects_with_1013_while_it_listens() -> None:
    peer = Peer()
    client = client_of(peer, max_queue=2)
    listening = asyncio.create_task(anext(aiter(client), "ended"))
    await asyncio.sleep(0)
    peer.reads.clear()
    for text in "0123":
        client.send(text)
    assert await listening == "ended"
    assert not client.queue  # its memory is given back at once
    peer.reads.set()
    await client.close()
    assert peer.closed == (1013, "too slow")
    assert peer.got == ["0"]


async def test_disconnecting_twice_keeps_the_first_reason() -> None:
    peer = Peer()
    client = client_of(peer)
    listening = asyncio.create_task(anext(aiter(client), "ended"))
    await asyncio.sleep(0)
    client.disconnect(1013, "too slow")
    for _ in range(4):  # whatever the iteration is at: waiting, about to be ended, ended
        client.disconnect(1012, "service restart")
        await asyncio.sleep(0)
    assert await listening == "ended"
    await client.close()
    assert peer.closed == (1013, "too slow")


async def test_a_message_that_does_not_leave_in_time_ends_the_client() -> None:
    peer = Peer()
    client = client_of(peer, send_timeout=0.05, close_timeout=0.05, when_full="drop newest")
    peer.reads.clear()
    client.send("0")
    await settle(lambda: client.closing)
    assert client.closing == (1013, "stopped reading")
    async with asyncio.timeout(5):
        await client.close()
    assert peer.closed is None


async def test_the_send_timeout_begins_again_with_each_message() -> None:
    peer = Peer()
    client = client_of(peer, send_timeout=1.0)
    peer.reads.clear()
    for text in "0123":
        client.send(text)
    for taken in range(1, 5):
        await asyncio.sleep(0.4)
        peer.reads.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        peer.reads.clear()
        assert len(peer.got) >= taken
    assert client.closing is None


async def test_a_dead_peer_never_raises_in_the_sender() -> None:
    for reads in (True, False):
        peer = Peer()
        client = client_of(peer)
        peer.dead = True
        if not reads:
            peer.reads.clear()
        client.send("0")
        peer.reads.set()
        await settle(lambda client=client: client.writer is None)
        client.send("1")
        assert client.closing


async def test_a_text_that_is_no_text_raises_in_the_sender_and_harms_no_client() -> None:
    class Strict(Peer):
        async def send(self, message: dict[str, Any]) -> None:
            message["text"].encode()
            await super().send(message)

    peer = Strict()
    client = client_of(peer)
    with pytest.raises(UnicodeEncodeError):
        client.send("\ud800")
    client.send("fine")
    assert peer.got == ["fine"]


async def test_a_binary_frame_ends_it_with_1003() -> None:
    peer = Peer()
    client = client_of(peer)
    peer.incoming.put_nowait({"type": "websocket.receive", "text": "a"})
    peer.incoming.put_nowait({"type": "websocket.receive", "bytes": b"b"})
    assert [text async for text in client] == ["a"]
    await client.close()
    assert peer.closed == (1003, "text only")


async def test_a_cancelled_endpoint_stays_cancelled() -> None:
    client = client_of(Peer())
    task = asyncio.ensure_future(anext(aiter(client)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
