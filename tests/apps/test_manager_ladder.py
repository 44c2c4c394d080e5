"""Each failure of the textbook manager: seen on it, and gone from the finished one."""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from course_app.apps.manager import LOBBY
from tests.support.live import WAIT, Live, close_code, fresh, read, read_until, reset, serving, settle

TEXTBOOK, FINISHED = "manager_textbook", "manager"
LADDER = [TEXTBOOK, "manager_departures", "manager_concurrent", "manager_queues", FINISHED, "chat"]


@pytest.mark.parametrize("name", LADDER)
async def test_every_rung_speaks_the_same_chat(name: str) -> None:
    with serving(fresh(name).app) as live:
        async with live.client(1) as one, live.client(2) as two:
            await one.send("hello")
            assert await read(one, 2) == ["You wrote: hello", "Client #1 says: hello"]
            await two.send("hé")
            assert await read(two, 3) == ["Client #1 says: hello", "You wrote: hé", "Client #2 says: hé"]
            await one.close()
            assert await read(two, 1) == ["Client #1 left the chat"]
        assert live.errors == []


async def passes_a_stalled_client(live: Live, timeout: float) -> bool:
    """Whether 150 messages of 64 KiB get to a healthy client past one that does not read."""
    async with live.client(1) as writer, live.client(2) as other:
        stalled = await live.stalled(3)
        try:
            for _ in range(150):
                async with asyncio.timeout(timeout):
                    await writer.send("x" * 65536)
                    await read_until(other, "Client #1 says: " + "x" * 65536)
        except TimeoutError:
            return False
        finally:
            stalled.close()
    return True


@pytest.mark.parametrize(("name", "passes"), [(TEXTBOOK, False), ("manager_queues", True), (FINISHED, True)])
async def test_one_stalled_client_makes_everybody_wait(name: str, passes: bool) -> None:
    with serving(fresh(name).app) as live:
        assert await passes_a_stalled_client(live, timeout=20.0 if passes else 2.0) is passes


@pytest.mark.parametrize("name", ["manager_departures", "manager_concurrent"])
async def test_rungs_two_and_three_still_wait_for_a_stalled_client(name: str) -> None:
    with serving(fresh(name).app) as live:
        assert not await passes_a_stalled_client(live, timeout=2.0)


async def binary_frame(live: Live) -> tuple[int | None, list[str], int | None]:
    """A client sends bytes. What closes it, and what another client gets when it writes twice; its own close code."""
    async with live.client(1) as writer, live.client(2) as binary:
        await binary.send(b"\x00")
        code = await close_code(binary)
        texts: list[str] = []
        with contextlib.suppress(ConnectionClosed):
            for text in "ab":
                await writer.send(text)
                texts += await read_until(writer, f"Client #1 says: {text}")
        return code, texts, writer.close_code


async def test_a_binary_frame_kills_the_senders_of_the_textbook() -> None:
    with serving(fresh(TEXTBOOK).app) as live:
        code, texts, innocent = await binary_frame(live)
        assert code == 1006
        assert innocent == 1006  # who wrote next is dropped, for the error of another
        assert texts == ["You wrote: a", "Client #1 says: a"]  # and its second message reached nobody
        assert any("KeyError('text')" in error for error in live.errors)


@pytest.mark.parametrize("name", ["manager_departures", "manager_concurrent", "manager_queues", FINISHED, "chat"])
async def test_a_binary_frame_closes_its_sender_alone(name: str) -> None:
    with serving(fresh(name).app) as live:
        code, texts, innocent = await binary_frame(live)
        assert code == 1003
        assert innocent is None
        said = ["You wrote: a", "Client #1 says: a", "You wrote: b", "Client #1 says: b"]
        assert [text for text in texts if "left" not in text] == said
        assert texts.count("Client #2 left the chat") == 1
        assert live.errors == []


async def leave_together(
    live: Live, leavers: int, stayers: int, clean: bool, manager: Any = None, timeout: float = WAIT
) -> list[list[str]]:
    """What each of those who stay gets when others leave at the same time, during a broadcast.

    A `manager` knows when all have left; where there is none, that is a matter of time.
    """
    async with contextlib.AsyncExitStack() as stack:
        going = await live.clients(stack, *range(leavers))
        staying = await live.clients(stack, *range(1000, 1000 + stayers))
        leaving = [asyncio.create_task(websocket.close()) for websocket in going] if clean else []
        await staying[0].send("storm")
        for websocket in [] if clean else going:
            reset(websocket)
        await asyncio.gather(*leaving)
        if manager:
            await settle(lambda: len(manager.rooms[LOBBY]) == stayers)
        else:
            await asyncio.sleep(0.3)
        with contextlib.suppress(ConnectionClosed):
            await staying[-1].send("end")
        last = f"Client #{999 + stayers} says: end"
        reading = [asyncio.wait_for(read_until(websocket, last), timeout) for websocket in staying]
        texts = [got for got in await asyncio.gather(*reading, return_exceptions=True) if isinstance(got, list)]
        for websocket in staying:
            websocket.transport.abort()  # a hundred closing handshakes with a broken room would take minutes
        return [[text for text in got if text.endswith("left the chat")] for got in texts]


def complete(seen: list[list[str]], leavers: int, stayers: int) -> bool:
    notices = sorted(f"Client #{number} left the chat" for number in range(leavers))
    return len(seen) == stayers and all(sorted(texts) == notices for texts in seen)


async def test_a_textbook_storm_loses_notices() -> None:
    with serving(fresh(TEXTBOOK).app) as live:
        assert not complete(await leave_together(live, 50, 150, clean=True, timeout=3.0), 50, 150)


@pytest.mark.parametrize("clean", [True, False], ids=["closed", "reset"])
async def test_fifty_of_two_hundred_leave_and_everybody_hears_of_each_once(clean: bool) -> None:
    chat = fresh("chat")
    with serving(chat.app) as live:
        assert complete(await leave_together(live, 50, 150, clean, chat.manager), 50, 150)
        assert live.errors == []


@pytest.mark.parametrize("clean", [True, False], ids=["closed", "reset"])
@pytest.mark.parametrize("leavers", [1, 2, 3, 4])
async def test_some_of_five_leave_and_the_others_hear_of_each_once(leavers: int, clean: bool) -> None:
    chat = fresh("chat")
    with serving(chat.app) as live:
        for _ in range(3):
            assert complete(await leave_together(live, leavers, 5 - leavers, clean, chat.manager), leavers, 5 - leavers)
            await settle(lambda: not chat.manager.rooms)
        assert live.errors == []


@pytest.mark.parametrize("clean", [True, False], ids=["closed", "reset"])
async def test_all_five_leave_and_nothing_stays_behind(clean: bool) -> None:
    chat = fresh("chat")
    with serving(chat.app) as live:
        async with contextlib.AsyncExitStack() as stack:
            for websocket in await live.clients(stack, *range(5)):
                await websocket.close() if clean else reset(websocket)
            await settle(lambda: not chat.manager.rooms)
        assert live.errors == []


class Peer:
    """A WebSocket whose peer takes a message only while it `reads`."""

    def __init__(self) -> None:
        self.reads = asyncio.Event()
        self.reads.set()
        self.got: list[str] = []
        self.scope: dict[str, Any] = {}

    async def accept(self) -> None:
        pass

    async def send(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        self.got.append(message["text"])

    async def send_text(self, text: str) -> None:
        await self.send({"text": text})


async def test_a_departure_in_mid_broadcast_makes_the_textbook_skip_somebody() -> None:
    manager: Any = fresh(TEXTBOOK).ConnectionManager()
    first, second, third, fourth = peers = [Peer() for _ in range(4)]
    for peer in peers:
        await manager.connect(peer)
    third.reads.clear()
    broadcast = asyncio.create_task(manager.broadcast("hi"))
    await asyncio.sleep(0)
    manager.disconnect(first)
    third.reads.set()
    await broadcast
    assert [peer.got for peer in (second, third, fourth)] == [["hi"], ["hi"], []]


async def test_a_departure_in_mid_broadcast_harms_nobody() -> None:
    manager: Any = fresh(FINISHED).ConnectionManager()
    peers = [Peer() for _ in range(4)]
    clients = [await manager.connect(peer, str(number)) for number, peer in enumerate(peers)]
    peers[2].reads.clear()
    manager.broadcast("hi")
    manager.disconnect(clients[0])
    peers[2].reads.set()
    await settle(lambda: peers[2].got)
    assert [peer.got for peer in peers] == [["hi"]] * 4


async def test_removing_twice_raises_in_the_textbook_and_nowhere_else() -> None:
    with pytest.raises(ValueError, match="not in list"):
        await remove_twice(TEXTBOOK)
    for name in ("manager_departures", "manager_concurrent", "manager_queues", FINISHED):
        await remove_twice(name)


async def remove_twice(name: str) -> None:
    manager: Any = fresh(name).ConnectionManager()
    peer = Peer()
    client = await manager.connect(peer, *(["1"] if name == FINISHED else []))
    for _ in range(2):
        manager.disconnect(client or peer)


async def test_gather_waits_for_the_slowest_and_the_finished_manager_for_nobody() -> None:
    concurrent: Any = fresh("manager_concurrent").ConnectionManager()
    healthy, slow = Peer(), Peer()
    slow.reads.clear()
    for peer in (healthy, slow):
        await concurrent.connect(peer)
    broadcast = asyncio.create_task(concurrent.broadcast("hi"))
    await settle(lambda: healthy.got)
    assert not broadcast.done()
    broadcast.cancel()
    finished: Any = fresh(FINISHED).ConnectionManager()
    for peer in (healthy, slow):
        await finished.connect(peer, "1")
    finished.broadcast("again")
    assert healthy.got == ["hi", "again"]  # at once: nothing was awaited
    slow.reads.set()
    await settle(lambda: slow.got)


@pytest.mark.parametrize(
    ("when_full", "kept"),
    [("drop oldest", ["0", "3", "4"]), ("drop newest", ["0", "1", "2"]), ("disconnect", ["0"])],
)
async def test_a_full_queue_follows_its_policy_on_rung_four_too(when_full: str, kept: list[str]) -> None:
    queues = fresh("manager_queues")
    peer = Peer()
    client = queues.Client(SimpleNamespace(send_text=peer.send_text), max_queue=2)
    writer = asyncio.create_task(client.write())
    peer.reads.clear()
    client.send("0", when_full)
    await asyncio.sleep(0.05)  # the writer takes the first and waits with it
    for text in "1234":
        client.send(text, when_full)
    assert client.too_slow.is_set() is (when_full == "disconnect")
    if when_full != "disconnect":
        peer.reads.set()
        await settle(lambda: len(peer.got) == 3)
        assert peer.got == kept
    writer.cancel()
