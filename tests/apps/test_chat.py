"""The finished chat over the wire."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import time
from typing import Any
from urllib.request import urlopen

import pytest
from websockets.exceptions import ConnectionClosed

from course_app.apps.connection import Limits
from tests.support.live import (
    WAIT,
    Live,
    close_code,
    fresh,
    process,
    read,
    read_all,
    read_until,
    reset,
    serving,
    settle,
    terminate,
)

BIG = "x" * 65536


async def flood(live: Live, stalled: int, waiting: int) -> list[str]:
    """Write until a client that does not read is let go; what another client got meanwhile, big texts shortened."""
    seen: list[str] = []
    async with live.client(1) as writer, live.client(2) as other:
        for _ in range(waiting + 200):
            await writer.send(BIG)
            await read_until(writer, f"Client #1 says: {BIG}")
            seen += [text[:24] for text in await read_until(other, f"Client #1 says: {BIG}")]
            if f"Client #{stalled} left the chat" in seen:
                return seen
        return seen + [text[:24] for text in await read_all(other)]


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_a_client_that_stops_reading_is_aborted(loop: str) -> None:
    chat = fresh("chat")
    chat.manager.limits = Limits(max_queue=8, close_timeout=0.2)
    with serving(chat.app, loop=loop) as live:
        stalled = await live.stalled(3)
        seen = await flood(live, 3, 8)
        assert seen.count("Client #3 left the chat") == 1
        await asyncio.to_thread(read_to_reset, stalled)
        assert live.errors == []


def read_to_reset(sock: socket.socket) -> bytes:
    """What was buffered for a client, up to the reset that must follow."""
    got = b""
    sock.settimeout(WAIT)
    with sock, pytest.raises(ConnectionResetError):
        time.sleep(1.0)  # longer than `close_timeout`: it stays away until the server gives up
        while chunk := sock.recv(1 << 20):
            got += chunk
    return got


async def test_a_client_that_reads_again_in_time_sees_1013() -> None:
    chat = fresh("chat")
    chat.manager.limits = Limits(max_queue=8, close_timeout=WAIT)
    with serving(chat.app) as live:
        stalled = await live.stalled(3)
        seen = await flood(live, 3, 8)
        assert seen.count("Client #3 left the chat") == 1
        got = await asyncio.to_thread(read_to_close, stalled)
        assert got.endswith(b"\x88\x0a\x03\xf5too slow")  # a close frame of 10 bytes: 1013 and the reason
        assert live.errors == []


def read_to_close(sock: socket.socket) -> bytes:
    got = b""
    sock.settimeout(WAIT)
    with sock:
        while not got.endswith(b"too slow"):
            got = got[-20:] + sock.recv(1 << 20)
    return got


async def test_a_reset_in_mid_broadcast_is_announced_once() -> None:
    with serving(fresh("chat").app) as live:
        async with live.client(1) as writer, live.client(2) as gone, live.client(3) as other:
            for number in range(50):
                await writer.send(str(number))
                if number == 25:
                    reset(gone)
            texts = await read_until(other, "Client #1 says: 49")
            texts += [] if "Client #2 left the chat" in texts else await read(other, 1)
            assert [text for text in texts if "says" in text] == [f"Client #1 says: {n}" for n in range(50)]
            assert texts.count("Client #2 left the chat") == 1
        assert live.errors == []


async def test_rooms_are_apart_and_presence_tells_who_is_there() -> None:
    with serving(fresh("chat").app) as live:

        def present(room: str) -> str:
            return urlopen(f"http://127.0.0.1:{live.port}/present?room={room}", timeout=WAIT).read().decode()

        async with live.client(1, "?room=red") as red, live.client(2, "?room=red") as red_too:
            async with live.client(3, "?room=blue") as blue:
                await red.send("hi")
                assert await read(red_too, 1) == ["Client #1 says: hi"]
                assert await asyncio.to_thread(present, "red") == '["1","2"]'
                assert await asyncio.to_thread(present, "blue") == '["3"]'
                await blue.send("ho")
                assert await read(blue, 2) == ["You wrote: ho", "Client #3 says: ho"]
            await red_too.send("end")
            assert await read(red, 3) == ["You wrote: hi", "Client #1 says: hi", "Client #2 says: end"]


async def test_a_personal_message_reaches_one_client() -> None:
    chat = fresh("chat")
    with serving(chat.app) as live:
        async with live.client(1) as one, live.client(2) as two:
            await settle(lambda: len(chat.manager.clients()) == 2)
            live.loop.call_soon_threadsafe(chat.manager.send_personal_message, "psst", "2")
            live.loop.call_soon_threadsafe(chat.manager.broadcast, "all")
            assert await read(two, 2) == ["psst", "all"]
            assert await read(one, 1) == ["all"]


async def test_the_app_can_end_every_connection_itself() -> None:
    chat = fresh("chat")
    with serving(chat.app) as live:
        async with live.client(1) as one, live.client(2) as two:
            await settle(lambda: len(chat.manager.clients()) == 2)
            ending = asyncio.run_coroutine_threadsafe(chat.manager.shutdown(1001, "bye"), live.loop)
            assert [await close_code(websocket) for websocket in (one, two)] == [1001, 1001]
            await asyncio.wait_for(asyncio.wrap_future(ending), WAIT)
        assert live.errors == []


@pytest.mark.parametrize("stalled", [False, True], ids=["everybody reads", "one does not read"])
async def test_sigterm_ends_the_process(stalled: bool) -> None:
    with process("course_app.apps.chat:app", "--timeout-graceful-shutdown", "3") as (child, port):
        live = Live(port, [], asyncio.get_running_loop())
        async with live.client(1) as writer, live.client(2) as other, contextlib.AsyncExitStack() as stack:
            if stalled:
                stack.enter_context(await live.stalled(3))
                for _ in range(60):  # more than its buffers take, less than its queue
                    await writer.send(BIG)
                    await read_until(other, f"Client #1 says: {BIG}")
            begin = time.monotonic()
            terminate(child)
            assert await close_code(other) in (1001, 1012)
            assert await asyncio.to_thread(child.wait, WAIT) in (0, -15)
            assert time.monotonic() - begin < 5
        assert child.stderr
        assert "Traceback" not in child.stderr.read()


async def test_comings_and_goings_lose_nothing_for_those_who_stay() -> None:
    dice, chat = random.Random(3), fresh("chat")
    with serving(chat.app) as live:
        async with live.client(1) as writer, live.client(2) as other:

            async def visit(number: int) -> None:
                await asyncio.sleep(dice.random())
                with contextlib.suppress(ConnectionClosed):
                    async with live.client(number) as visitor:
                        await asyncio.sleep(dice.random() * 0.3)
                        if number % 2:
                            reset(visitor)

            visits = [asyncio.create_task(visit(number)) for number in range(100, 220)]
            for number in range(150):
                await writer.send(str(number))
                await asyncio.sleep(0.005)
            await asyncio.gather(*visits)
            await settle(lambda: len(chat.manager.clients()) == 2)
            await writer.send("end")
            texts = await read_until(other, "Client #1 says: end")
            assert [text for text in texts if "says" in text][:-1] == [f"Client #1 says: {n}" for n in range(150)]
            left = [text for text in texts if "left" in text]
            assert sorted(left) == sorted(f"Client #{number} left the chat" for number in range(100, 220))
        await settle(lambda: not chat.manager.rooms)
        assert live.errors == []


@pytest.mark.parametrize("path", ["/", "/static/socket.js", "/static/common.css"])
async def test_the_page_and_what_it_needs_are_served(path: str) -> None:
    with serving(fresh("chat").app) as live:

        def fetch() -> Any:
            return urlopen(f"http://127.0.0.1:{live.port}{path}", timeout=WAIT).read()

        assert await asyncio.to_thread(fetch)
