"""One message to many clients: each of them gets it once and in order, whoever else stalls, leaves or dies."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from course_app.apps.connection import Client, Limits
from course_app.apps.delivery import send_to_all
from tests.support.live import settle

from .peers import Peer, client_of


def text(word: str) -> dict[str, Any]:
    return {"type": "websocket.send", "text": word}


def crowd(number: int, **limits: Any) -> tuple[list[Peer], list[Client]]:
    peers = [Peer() for _ in range(number)]
    return peers, [client_of(peer, **limits) for peer in peers]


async def test_those_behind_a_stalled_client_do_not_wait_for_it() -> None:
    peers, clients = crowd(5)
    for stalled in (0, 2, 4):
        peers[stalled].reads.clear()
    send_to_all(clients, text("hi"))
    assert [peer.got for peer in peers] == [[], ["hi"], [], ["hi"], []]
    assert [client.writer is not None for client in clients] == [True, False, True, False, True]
    for peer in peers:
        peer.reads.set()
    await settle(lambda: all(client.writer is None for client in clients))
    assert [peer.got for peer in peers] == [["hi"]] * 5


async def test_there_is_one_task_for_each_client_that_stalls_and_no_other() -> None:
    peers, clients = crowd(50)
    for peer in peers[::10]:
        peer.reads.clear()
    before = len(asyncio.all_tasks())
    for number in range(20):
        send_to_all(clients, text(str(number)))
    assert len(asyncio.all_tasks()) - before == 5
    for peer in peers:
        peer.reads.set()
    await settle(lambda: all(client.writer is None for client in clients))
    assert all(peer.got == [str(number) for number in range(20)] for peer in peers)


async def test_a_dead_client_costs_the_others_nothing() -> None:
    peers, clients = crowd(3)
    peers[1].dead = True
    send_to_all(clients, text("one"))
    send_to_all(clients, text("two"))
    assert [peer.got for peer in peers] == [["one", "two"], [], ["one", "two"]]
    assert [client.closing for client in clients] == [None, (1001, ""), None]


async def test_a_client_that_dies_while_it_stalls_costs_the_others_nothing() -> None:
    peers, clients = crowd(3)
    peers[0].reads.clear()
    send_to_all(clients, text("one"))
    peers[0].dead = True
    peers[0].reads.set()
    await settle(lambda: clients[0].writer is None)
    send_to_all(clients, text("two"))
    assert [peer.got for peer in peers] == [[], ["one", "two"], ["one", "two"]]
    assert clients[0].closing == (1001, "")


async def test_nothing_more_is_kept_for_a_client_that_was_disconnected() -> None:
    peers, clients = crowd(2, max_queue=10)
    peers[0].reads.clear()
    send_to_all(clients, text("one"))
    clients[0].disconnect(1013, "too slow")
    send_to_all(clients, text("two"))
    assert not clients[0].queue
    peers[0].reads.set()
    await settle(lambda: clients[0].writer is None)
    assert [peer.got for peer in peers] == [["one"], ["one", "two"]]


async def test_a_group_that_changes_while_somebody_stalls_does_no_harm() -> None:
    peers, clients = crowd(4)
    room = dict.fromkeys(clients)
    peers[1].reads.clear()
    send_to_all(room, text("one"))
    del room[clients[0]]
    room[client_of(Peer())] = None
    peers[1].reads.set()
    await settle(lambda: clients[1].writer is None)
    assert peers[1].got == ["one"]


async def test_everybody_has_everything_in_order_however_they_stall() -> None:
    dice = random.Random(7)
    peers, clients = crowd(20, max_queue=10_000)
    for number in range(500):
        for peer in dice.sample(peers, 4):
            peer.reads.set() if dice.random() < 0.5 else peer.reads.clear()
        send_to_all(clients, text(str(number)))
        if dice.random() < 0.3:
            await asyncio.sleep(0)
    for peer in peers:
        peer.reads.set()
    await settle(lambda: all(client.writer is None for client in clients))
    assert all(peer.got == [str(number) for number in range(500)] for peer in peers)


async def test_a_client_that_stalls_too_long_is_disconnected() -> None:
    peers, clients = crowd(2)
    clients[0].limits = Limits(send_timeout=0.05)
    peers[0].reads.clear()
    send_to_all(clients, text("hi"))
    await settle(lambda: clients[0].closing is not None)
    assert clients[0].closing == (1013, "stopped reading")
    assert clients[0].writer is None
