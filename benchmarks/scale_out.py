"""What a second worker and a broker cost, and what their failures lose.

`python benchmarks/scale_out.py` writes scale_out.md.

200 clients, in this process, share one room of `course_app.apps.scaled_chat`; half of them on each worker.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import numpy
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from course_app import engines

APP = "course_app.apps.scaled_chat:app"
CLIENTS = 200
RUNS = 3  # of each flow and of each fault
Row = list[str]
FLOW_HEAD = ["broker", "workers", "broadcasts/s", "deliveries/s", "delivered", "p50 ms", "p99 ms", "one hop ms"]
FAULT_HEAD = ["what happens", "broker", "sent", "sender told", "lost silently", "doubled", "out of order", "silence s"]


async def enter(worker: engines.Worker, client_id: int, query: str = "") -> ClientConnection:
    address = f"{worker.ws_url}/ws/{client_id}{query}"
    return await connect(address, proxy=None, compression=None, max_queue=None, open_timeout=30, ping_interval=None)


async def receive(client: ClientConnection, latencies: list[float], count: list[int]) -> None:
    with suppress(ConnectionClosed):
        async for text in client:
            now = time.perf_counter()
            assert isinstance(text, str)
            _, says, sent = text.partition(" says: ")
            if says:
                latencies.append(now - float(sent))
                count[0] += 1


async def flow(workers: list[engines.Worker], seconds: float) -> tuple[float, float, float, float]:
    """Return broadcasts per second, the share delivered, and p50 and p99 in ms at 10 broadcasts per second."""
    clients = [await enter(workers[n % len(workers)], n) for n in range(CLIENTS)]
    latencies: list[float] = []
    count = [0]
    readers = [asyncio.create_task(receive(client, latencies, count)) for client in clients]
    sender = clients[0]
    reach = CLIENTS // len(workers) if workers[0]._env.get("BROKER_URL", "memory://") == "memory://" else CLIENTS
    sent, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        while sent * reach - count[0] > 8 * reach:
            await asyncio.sleep(0.0005)
        await sender.send(str(time.perf_counter()))
        sent += 1
        await asyncio.sleep(0)
    while count[0] < sent * reach and time.perf_counter() - begin < 4 * seconds:
        await asyncio.sleep(0.001)
    rate, share = sent / (time.perf_counter() - begin), count[0] / (sent * CLIENTS)
    latencies.clear()
    for _ in range(int(10 * seconds)):
        await sender.send(str(time.perf_counter()))
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)
    p50, p99 = numpy.percentile(latencies, [50, 99]) * 1000
    await asyncio.gather(*(client.close() for client in clients))
    await asyncio.gather(*readers)
    return rate, share, float(p50), float(p99)


async def hop(sender_at: engines.Worker, reader_at: engines.Worker) -> float:
    """Return the median latency in ms from one client to another, with nobody else there, one message at a time."""
    sender, reader = await enter(sender_at, 1, "?room=hop"), await enter(reader_at, 2, "?room=hop")
    taken: list[float] = []
    for _ in range(300):
        begin = time.perf_counter()
        await sender.send("x")
        await reader.recv()
        taken.append(time.perf_counter() - begin)
    await sender.close()
    await reader.close()
    return float(numpy.median(taken)) * 1000


async def throughput(urls: dict[str, str], seconds: float) -> list[Row]:
    rows = []
    for name, url in urls.items():
        for number in (1, 2):
            async with await engines.workers(APP, number, env={"BROKER_URL": url, "BROKER_TIMEOUT": "10"}) as workers:
                flows = [await flow(workers, seconds) for _ in range(RUNS)]
                rate, share, p50, p99 = numpy.median(flows, axis=0)
                reached = number == 1 or name != "memory"
                apart = f"{await hop(workers[0], workers[-1]):.2f}" if reached else "never arrives"
                row = [name, str(number), f"{rate:.0f}", f"{rate * CLIENTS * share / 1000:.0f} k", f"{share:.0%}"]
                rows.append([*row, f"{p50:.1f}", f"{p99:.1f}", apart])
                print(" | ".join(rows[-1]), flush=True)
    return rows


async def speak(worker: engines.Worker, count: int, told: list[str]) -> None:
    """Send numbers, 100 a second, and note which lines say that one was not delivered."""

    async def listen() -> None:
        with suppress(ConnectionClosed):
            async for text in sender:
                if "elivered" in str(text)[:30]:
                    told.append(str(text))

    sender = await enter(worker, 1, "?room=faults")
    listening = asyncio.create_task(listen())
    for number in range(count):
        await sender.send(str(number))
        await asyncio.sleep(0.01)
    await asyncio.sleep(4)
    await sender.close()
    await listening


async def hear(workers: list[engines.Worker], ids: bool, seen: list[int], at: list[float]) -> None:
    """Listen on the last worker; when it goes, go on at the first, with ids from where it was."""
    last_id = ""
    for worker in reversed(workers):
        client = await enter(worker, 2, f"?room=faults&last_id={last_id}" if ids else "?room=faults")
        with suppress(ConnectionClosed):
            async for text in client:
                message = json.loads(text) if ids else {"text": text, "id": ""}
                last_id = message["id"] or last_id
                _, says, number = message["text"].partition("#1 says: ")
                if says:
                    seen.append(int(number))
                    at.append(time.perf_counter())


async def fault(url: str, ids: bool, strike: Callable[[list[engines.Worker]], Awaitable[None]]) -> list[float]:
    """Strike after a second of flow; return sent, told, lost, doubled, out of order, and the longest silence in s."""
    seen: list[int] = []
    at: list[float] = []
    told: list[str] = []
    count = 500
    async with await engines.workers(APP, 2, env={"BROKER_URL": url, "BROKER_TIMEOUT": "5"}) as workers:
        hearing = asyncio.create_task(hear(workers, ids, seen, at))
        await asyncio.sleep(1)
        speaking = asyncio.create_task(speak(workers[0], count, told))
        await asyncio.sleep(1)
        await strike(workers)
        await speaking
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
    silence = max(later - sooner for sooner, later in zip(at, at[1:], strict=False))
    lost = count - len(set(seen)) - len(told)
    doubled = len(seen) - len(set(seen))
    return [count, len(told), lost, doubled, seen != sorted(seen), silence]


def span(values: tuple[float, ...]) -> str:
    """The least and the most of several runs, as text."""
    low, high = (f"{value:.2f}".removesuffix(".00") for value in (min(values), max(values)))
    return low if low == high else f"{low}–{high}"


async def faults(redis: engines.Redis, postgres: engines.Postgres) -> list[Row]:
    async def kill_worker(workers: list[engines.Worker]) -> None:
        await workers[-1].kill()

    async def kill_redis(_workers: list[engines.Worker]) -> None:
        await redis.kill()
        await asyncio.sleep(0.5)
        await redis.start()

    async def kill_postgres(_workers: list[engines.Worker]) -> None:
        await postgres.kill()
        await asyncio.sleep(0.5)
        await postgres.start()

    rows = []
    for what, name, url, ids, strike in [
        ("the reader's worker is killed", "Redis pub/sub", redis.url, False, kill_worker),
        ("the reader's worker is killed", "PostgreSQL", postgres.url, False, kill_worker),
        ("the reader's worker is killed", "Redis Streams, `last_id`", redis.streams_url, True, kill_worker),
        ("Redis is away for half a second", "Redis pub/sub", redis.url, False, kill_redis),
        ("Redis is away for half a second", "Redis Streams, `last_id`", redis.streams_url, True, kill_redis),
        ("PostgreSQL is away for half a second", "PostgreSQL", postgres.url, False, kill_postgres),
    ]:
        runs = [await fault(url, ids, strike) for _ in range(RUNS)]
        rows.append([what, name, *map(span, zip(*runs, strict=True))])
        print(" | ".join(rows[-1]), flush=True)
    return rows


def table(head: Row, rows: list[Row]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def machine() -> str:
    packages = ("fastapi", "uvicorn", "websockets", "redis", "psycopg", "uvloop")
    names = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {names}"
    )


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each flow lasts")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".md"))
    options = parser.parse_args()
    text = Path(__file__).with_name("scale_out.head.md").read_text()
    async with await engines.redis() as redis, await engines.postgres() as postgres:
        load = os.getloadavg()[0]
        urls = {"memory": "memory://", "Redis pub/sub": redis.url, "PostgreSQL": postgres.url}
        urls["Redis Streams"] = redis.streams_url
        flows = await throughput(urls, options.seconds)
        broken = await faults(redis, postgres)
    text = text.replace("MACHINE", f"{machine()}; load average at the start {load:.1f}")
    for mark, head, rows in [("FLOWS", FLOW_HEAD, flows), ("FAULTS", FAULT_HEAD, broken)]:
        text = text.replace(mark, table(head, rows))
    options.out.write_text(text)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
