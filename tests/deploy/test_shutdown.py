"""What a client sees when a worker stops, restarts, or has had enough of it; and what the operator sees."""

from __future__ import annotations

# Blocks nest where one line would be too long; other processes set no event to wait for.
# ruff: noqa: SIM117
import asyncio
import signal
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect as websocket_connect
from websockets.exceptions import ConnectionClosed

from course_app import connect, engines
from course_app.client.client import Refused

APP = "course_app.apps.deployed:app"


def enter(worker: engines.Worker, client_id: int, **query: str) -> Any:
    return connect(worker.ws_url, f"/ws/{client_id}", query=query, timeout=20)


async def test_sigterm_closes_with_1012_and_the_client_comes_back() -> None:
    async with await engines.workers(APP, 1, options=["--timeout-graceful-shutdown", "5"]) as (worker,):
        codes: list[int] = []
        pids: list[str] = []
        visits = asyncio.create_task(visit(worker, codes, pids))
        async with asyncio.timeout(40):
            while not pids:
                await asyncio.sleep(0.02)
            await worker.restart(signal.SIGTERM)
            await visits
        assert codes == [1012]
        assert len(pids) == 2 and pids[0] != pids[1]
        assert "Application shutdown complete." in "\n".join(worker.log_lines)


async def visit(worker: engines.Worker, codes: list[int], pids: list[str]) -> None:
    """Connect for ever, as an app's client does; stop after the second time."""
    async for ws in websocket_connect(f"{worker.ws_url}/ws/1", proxy=None):
        assert ws.response is not None
        pids.append(ws.response.headers["x-worker"])
        if len(pids) == 2:
            await ws.close()
            return
        try:
            await ws.recv()
        except ConnectionClosed as closed:
            assert closed.rcvd is not None
            codes.append(closed.rcvd.code)


async def test_a_rolling_restart_with_streams_loses_nothing(redis_engine: engines.Redis) -> None:
    """Worker after worker restarts; a client that is cut off goes on after its last id, wherever it lands."""
    env = {"BROKER_URL": redis_engine.streams_url, "BROKER_TIMEOUT": "10"}
    seen: list[str] = []
    last_id = ""
    async with await engines.workers(APP, 2, env=env) as workers:
        for restarting, other in [workers, list(reversed(workers))]:
            async with (
                enter(other, 2, room="rolling") as speaker,
                enter(restarting, 1, room="rolling", last_id=last_id) as a,
            ):
                await speaker.send(f"before {len(seen)}")
                last_id = await read_until(a, "before", seen)
                await restarting.restart(signal.SIGTERM)
                assert (await a.wait_closed()).code == 1012
                await speaker.send(f"meanwhile {len(seen)}")
                assert await speaker.recv() == f"You wrote: before {len(seen) - 1}"
                async with enter(other, 1, room="rolling", last_id=last_id) as a:
                    last_id = await read_until(a, "meanwhile", seen)
    assert seen == ["before 0", "meanwhile 1", "before 2", "meanwhile 3"]


async def read_until(client: Any, word: str, seen: list[str]) -> str:
    """Note what client 2 says until it says `word`; return the id of that message."""
    while True:
        message = await client.recv_json()
        _, says, text = message["text"].partition("Client #2 says: ")
        if says:
            seen.append(text)
            if text.startswith(word):
                return str(message["id"])


async def test_a_client_that_never_reads_does_not_hold_up_the_shutdown() -> None:
    async with await engines.workers(APP, 1, options=["--timeout-graceful-shutdown", "2"]) as (worker,):
        stalled = await enter(worker, 1)
        stalled.stop_reading()
        async with enter(worker, 2) as other:
            for _ in range(100):  # 6 MB: more than the buffers of both ends hold
                await other.send("x" * 60_000)
                for _ in range(2):
                    await other.recv()
        async with asyncio.timeout(9):  # the engine would kill it after 10 s
            await worker.terminate(signal.SIGTERM)
        await stalled.abort()


async def test_limits_a_message_over_ws_max_size_is_1009() -> None:
    async with await engines.workers(APP, 1, options=["--ws-max-size", "1000"]) as (worker,):
        async with enter(worker, 1) as a:
            await a.send("x" * 1001)
            assert (await a.wait_closed()).code == 1009
        async with enter(worker, 1) as a:
            await a.send("x" * 900)
            assert await a.recv() == "You wrote: " + "x" * 900


async def test_limits_a_client_that_does_not_pong_is_1011() -> None:
    options = ["--ws-ping-interval", "0.3", "--ws-ping-timeout", "0.3"]
    async with await engines.workers(APP, 1, options=options) as (worker,):
        reader, writer = await asyncio.open_connection("127.0.0.1", worker.port)
        writer.write(
            b"GET /ws/1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        async with asyncio.timeout(20):
            await reader.readuntil(b"\r\n\r\n")
            frames = await reader.read()  # a ping that nobody answers, then the close frame (RFC 6455, section 5.2)
        assert frames[0] == 0x89
        close = frames.index(b"\x88")
        assert int.from_bytes(frames[close + 2 : close + 4]) == 1011
        writer.close()


async def test_limits_a_full_worker_sends_the_next_one_away() -> None:
    async with await engines.workers(APP, 1, env={"CLIENT_LIMIT": "1"}) as (worker,), httpx.AsyncClient() as http:
        async with enter(worker, 1):
            with pytest.raises(Refused) as refused:
                await enter(worker, 2)
            assert refused.value.status == 503 and refused.value.headers["retry-after"] == "5"
            assert (await http.get(f"{worker.url}/readyz")).status_code == 503
            assert (await http.get(f"{worker.url}/healthz")).json() == {"status": "alive"}


async def test_readiness_follows_the_broker_and_liveness_does_not(redis_engine: object) -> None:
    async with (
        await engines.redis() as redis,
        await engines.workers(APP, 1, env={"BROKER_URL": redis.url}) as (worker,),
        httpx.AsyncClient() as http,
    ):

        async def wait_for(status: int) -> str:
            async with asyncio.timeout(20):
                while (answer := await http.get(f"{worker.url}/readyz")).status_code != status:
                    await asyncio.sleep(0.05)
            return answer.text

        await wait_for(200)
        await redis.terminate()
        body = await wait_for(503)
        assert "is not reachable" in body and redis.password not in body
        assert (await http.get(f"{worker.url}/healthz")).status_code == 200
        assert 'chat_broker_up{worker="' in (await http.get(f"{worker.url}/metrics")).text
        await redis.start()
        await wait_for(200)
        log = "\n".join(worker.log_lines)
    assert "Broker redis://:***@" in log and redis.password not in log


async def test_metrics_count_connections_and_queues() -> None:
    async with await engines.workers(APP, 1) as (worker,), httpx.AsyncClient() as http:
        async with enter(worker, 1), enter(worker, 2, room="other"):
            text = (await http.get(f"{worker.url}/metrics")).text
        values = {line.split("{")[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line[0] != "#"}
    assert values["chat_connections"] == 2
    assert values["chat_rooms"] == 2
    assert values["chat_queued_messages"] == values["chat_longest_queue"] == 0
    assert values["chat_broker_up"] == 1
    assert values["chat_broker_reconnects_total"] == 0


async def test_the_log_names_the_path_and_not_the_token() -> None:
    async with await engines.workers(APP, 1) as (worker,), httpx.AsyncClient() as http:
        async with enter(worker, 1, token="hunter2", room="x"):
            pass
        await http.get(f"{worker.url}/healthz?ticket=hunter2")
        log = "\n".join(worker.log_lines)
    assert "/ws/1?token=***&room=x" in log and "/healthz?ticket=***" in log
    assert "hunter2" not in log
