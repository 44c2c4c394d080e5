"""The finished manager: rooms, presence, personal messages, and its shutdown."""

from __future__ import annotations

import asyncio
import importlib
import inspect
from typing import Any

import pytest

from course_app.apps.connection import Limits
from course_app.apps.manager import ConnectionManager

from .peers import Peer


async def test_rooms_presence_and_personal_messages() -> None:
    manager = ConnectionManager()
    peers: list[Any] = [Peer() for _ in range(4)]
    ann, ann_again, bob, cem = [
        await manager.connect(peer, name, room)
        for peer, name, room in zip(peers, ["ann", "ann", "bob", "cem"], ["red", "red", "red", "blue"], strict=True)
    ]
    assert manager.present("red") == ["ann", "bob"]
    assert manager.present("nowhere") == []
    manager.broadcast("to red", "red", skip=bob)
    manager.send_personal_message("to ann", "ann")
    manager.join(cem, "red")
    manager.join(cem, "red")
    manager.broadcast("again", "red")
    assert [peer.got for peer in peers] == [["to red", "to ann", "again"]] * 2 + [["again"], ["again"]]
    manager.leave(cem, "blue")
    assert set(manager.rooms) == {"red"}
    for client in (ann, ann_again, bob, cem, cem):
        manager.disconnect(client)
    assert manager.rooms == {}


async def test_shutdown_tells_everybody_in_bounded_time() -> None:
    manager = ConnectionManager(Limits(close_timeout=0.1))
    peers: list[Any] = [Peer() for _ in range(3)]
    for peer in peers:
        await manager.connect(peer, "1")
    peers[2].reads.clear()
    async with asyncio.timeout(5):
        await manager.shutdown(1001, "going away")
    assert [peer.closed for peer in peers] == [(1001, "going away")] * 2 + [None]


@pytest.mark.parametrize("name", ["manager", "connection", "delivery", "direct", "eager", "abort", "chat"])
def test_a_reader_can_take_it_in(name: str) -> None:
    module = importlib.import_module(f"course_app.apps.{name}")
    assert len(inspect.getsource(module).splitlines()) <= 150
