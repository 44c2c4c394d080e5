"""Measure fan-out: one text to many clients, on loopback, the server and the clients in a process and on a core each.

`python benchmarks/fanout.py [--quick] [--write]`; --write puts the table into README.md and the plots into figures/.
Needs `pip install -r benchmarks/requirements.txt` on top of the test dependencies.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.metadata
import os
import platform
import random
import socket
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import psutil
import uvloop

HERE = Path(__file__).parent
VARIANTS = ["loop", "gather", "queues", "ours", "websockets", "picows"]
LABELS = {
    "loop": "sequential loop",
    "gather": "asyncio.gather",
    "queues": "queue per client",
    "ours": "finished manager",
    "websockets": "websockets.broadcast()",
    "picows": "picows",
}
STAMP = 20  # digits of the sending time in nanoseconds, at the start of each text
WINDOW = 32  # broadcasts under way at once while throughput is measured


def frame(payload: bytes) -> bytes:
    """A masked text frame; the mask is zero, so the payload stays readable."""
    head = bytes([0x81])
    if len(payload) < 126:
        head += bytes([0x80 | len(payload)])
    else:
        head += bytes([0x80 | 126]) + struct.pack("!H", len(payload))
    return head + bytes(4) + payload


class Receiver(asyncio.Protocol):
    """A client that counts frames, and notes how old each was while `timing`."""

    timing = False
    ages: list[int] = []

    def __init__(self, deflate: bool) -> None:
        self.deflate, self.open, self.count, self.buffer = deflate, False, 0, b""
        self.opened = asyncio.get_running_loop().create_future()
        self.texts: list[int] | None = None  # the numbers that came, for those who check order
        self.moved = asyncio.Event()
        self.lost = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if self.deflate else ""
        transport.write(
            f"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{extension}"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        self.moved.set()
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("no handshake"))

    def data_received(self, data: bytes) -> None:
        if not self.open:
            head, end, data = (self.buffer + data).partition(b"\r\n\r\n")
            if not end:
                self.buffer = head
                return
            self.open, self.buffer = True, b""
            self.opened.set_result(None)
        now = time.perf_counter_ns() if self.timing else 0
        if self.buffer:
            data = self.buffer + data
        at, size = 0, len(data)
        while at + 2 <= size:
            length, start = data[at + 1] & 127, at + 2
            if length == 126:
                if at + 4 > size:
                    break
                length, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            if start + length > size:
                break
            self.count += 1
            if now:
                self.ages.append(now - int(data[start : start + STAMP]))
            if self.texts is not None:
                self.texts.append(int(data[start : start + STAMP]))
            at = start + length
        self.buffer = data[at:]
        self.moved.set()


async def join(port: int, number: int, deflate: bool = False) -> list[Receiver]:
    """Open `number` connections, fifty at a time."""
    receivers: list[Receiver] = []
    for begin in range(0, number, 50):
        some = await asyncio.gather(*(join_one(port, deflate) for _ in range(begin, min(number, begin + 50))))
        receivers += some
    return receivers


async def join_one(port: int, deflate: bool = False) -> Receiver:
    loop = asyncio.get_running_loop()
    _, receiver = await loop.create_connection(lambda: Receiver(deflate), "127.0.0.1", port)
    await asyncio.wait_for(receiver.opened, 30)
    return receiver


@contextlib.contextmanager
def server(variant: str, *options: str) -> Iterator[tuple[psutil.Process, int]]:
    command = [sys.executable, str(HERE / "fanout_servers.py"), variant, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        try:
            assert child.stdout
            port = int(child.stdout.readline())
            process = psutil.Process(child.pid)
            if len(os.sched_getaffinity(0)) > 0 and (os.cpu_count() or 1) > 1:
                process.cpu_affinity([0])
            yield process, port
        finally:
            child.kill()


def cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


async def wait_for_all(receivers: list[Receiver], count: int, seconds: float) -> float:
    """The share of `count` messages each that came within `seconds`."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end and any(receiver.count < count for receiver in receivers):
        await asyncio.sleep(0.01)
    return sum(min(receiver.count, count) for receiver in receivers) / (count * len(receivers))


async def throughput(
    process: psutil.Process, port: int, number: int, deliveries: int, deflate: bool
) -> dict[str, float]:
    """Broadcast back to back; then ten a second, for the age of each delivery. 100 bytes each."""
    before = process.memory_info().rss
    receivers = await join(port, number, deflate)
    memory = (process.memory_info().rss - before) / number / 1024
    sender, rounds = receivers[0], deliveries // number
    text = frame(f"{0:0{STAMP}}".encode() + b"x" * 80)
    used, begin = cpu(process), time.perf_counter()
    for sent in range(rounds):
        while sent - sender.count >= WINDOW:
            sender.moved.clear()
            await asyncio.wait_for(sender.moved.wait(), 10)
        sender.transport.write(text)
    share = await wait_for_all(receivers, rounds, 20)
    took, used = time.perf_counter() - begin, cpu(process) - used
    assert share == 1, f"only {share:.0%} came"
    Receiver.ages.clear()
    if not deflate:
        Receiver.timing = True
        for _ in range(10):
            sender.transport.write(frame(f"{time.perf_counter_ns():0{STAMP}}".encode() + b"x" * 80))
            await asyncio.sleep(0.1)
        await wait_for_all(receivers, rounds + 10, 5)
        Receiver.timing = False
    for receiver in receivers:
        receiver.transport.abort()
    ages = numpy.array(Receiver.ages or [0]) / 1e6
    return {
        "rate": rounds * number / took,
        "cpu": used / (rounds * number) * 1e6,
        "p50": float(numpy.percentile(ages, 50)),
        "p99": float(numpy.percentile(ages, 99)),
        "memory": memory,
    }


async def slow(process: psutil.Process, port: int, stalled: bool, seconds: float) -> dict[str, float]:
    """99 clients, and one more that reads or does not; 4 KiB, 400 times a second."""
    receivers = await join(port, 99)
    if stalled:
        silent = socket.socket()
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        silent.connect(("127.0.0.1", port))
        silent.sendall(
            b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        silent.recv(4096)
    else:
        receivers += await join(port, 1)
    before, peak = process.memory_info().rss, 0
    Receiver.ages.clear()
    Receiver.timing = True
    begin, count = time.perf_counter(), int(seconds * 400)
    for number in range(count):
        receivers[0].transport.write(frame(f"{time.perf_counter_ns():0{STAMP}}".encode() + b"x" * 4076))
        if number % 100 == 0:
            peak = max(peak, process.memory_info().rss)
        await asyncio.sleep(max(0, begin + number / 400 - time.perf_counter()))
    share = await wait_for_all(receivers[:99], count, 2)
    await asyncio.sleep(2 if stalled else 0)
    Receiver.timing = False
    here = [c for c in process.net_connections() if c.status == psutil.CONN_ESTABLISHED]
    released = len(here) < 100
    for receiver in receivers:
        receiver.transport.abort()
    ages = numpy.array(Receiver.ages) / 1e6
    peak = max(peak, process.memory_info().rss)
    return {
        "share": share,
        "p99": float(numpy.percentile(ages, 99)),
        "memory": (peak - before) / 2**20,
        "released": released,
    }


async def churn(process: psutil.Process, port: int, seconds: float, slots: int = 1000) -> dict[str, float]:
    """`slots` clients come and go at random while ten stay and one of them writes 20 numbers a second."""
    staying = await join(port, 10)
    for receiver in staying:
        receiver.texts = []
    end, visits, refused = time.perf_counter() + seconds, 0, 0

    async def slot() -> None:
        nonlocal visits, refused
        await asyncio.sleep(random.random() * 5)
        while time.perf_counter() < end:
            try:
                receiver = await join_one(port)
            except OSError:
                refused += 1
                continue
            await asyncio.sleep(random.random() * 10)
            visits += 1
            if random.random() < 0.5:
                receiver.transport.write(b"\x88\x82\0\0\0\0\x03\xe8")
                await asyncio.sleep(0.1)
            receiver.transport.abort()

    async def warm() -> None:
        for receiver in await join(port, slots):
            receiver.transport.abort()

    await warm()
    await asyncio.sleep(1)
    before, files = process.memory_info().rss, process.num_fds()
    slots_running = [asyncio.create_task(slot()) for _ in range(slots)]
    number = 0
    while time.perf_counter() < end:
        staying[0].transport.write(frame(f"{number:0{STAMP}}".encode()))
        number += 1
        await asyncio.sleep(0.05)
    await asyncio.gather(*slots_running)
    await wait_for_all(staying, number, 10)
    await asyncio.sleep(1)
    complete = sum(receiver.texts == list(range(number)) for receiver in staying)
    return {
        "visits": visits,
        "refused": refused,
        "messages": number,
        "complete": complete,
        "files": process.num_fds() - files,
        "memory": (process.memory_info().rss - before) / 2**20,
    }


def median(runs: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


async def measure(quick: bool) -> dict[str, Any]:
    numbers, repeats, deliveries = ([100], 1, 20_000) if quick else ([100, 500, 1000], 3, 30_000)
    runs: dict[Any, list[dict[str, float]]] = {}
    for repeat in range(repeats):  # interleaved: what else the machine does falls on all variants alike
        for number in numbers:
            for variant in VARIANTS:
                with server(variant) as (process, port):
                    result = await throughput(process, port, number, deliveries, False)
                runs.setdefault((variant, number), []).append(result)
                print(f"{repeat} {variant:10} {number:5} {result['rate']:9.0f}/s {result['cpu']:5.1f} µs", flush=True)
    results: dict[str, Any] = {"fan-out": {key: median(value) for key, value in runs.items()}, "numbers": numbers}
    results["slow"] = {}
    for variant in VARIANTS:
        for stalled in (False, True):
            with server(variant) as (process, port):
                results["slow"][variant, stalled] = found = await slow(process, port, stalled, 1 if quick else 4)
            print(variant, "stalled" if stalled else "healthy", found, flush=True)
    results["server"] = {}
    for variant, ws in [("ours", "websockets-sansio"), ("ours", "wsproto"), ("ours", "websockets"), ("websockets", "")]:
        for deflate in (False, True):
            with server(variant, ws, str(int(deflate))) as (process, port):
                found = await throughput(process, port, 100 if quick else 500, deliveries, deflate)
            results["server"][ws or "websockets.broadcast()", deflate] = found
            print(ws, deflate, f"{found['rate']:.0f}/s", flush=True)
    with server("ours") as (process, port):
        results["churn"] = await churn(process, port, 5 if quick else 60, 100 if quick else 1000)
    print(results["churn"])
    return results


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def report(results: dict[str, Any]) -> str:
    versions = [
        f"{name} {importlib.metadata.version(name)}"
        for name in ("fastapi", "starlette", "uvicorn", "websockets", "wsproto", "uvloop", "picows")
    ]
    machine = next(
        (line.split(": ")[1] for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), ""
    )
    parts = [
        f"{platform.system()}, {os.cpu_count()} cores ({machine.strip()}), Python {platform.python_version()}, "
        + ", ".join(versions)
        + "."
    ]
    for number in results["numbers"]:
        base = results["fan-out"]["loop", number]["rate"]
        rows = []
        for variant in VARIANTS:
            r = results["fan-out"][variant, number]
            rows.append(
                [
                    LABELS[variant],
                    f"{r['rate']:,.0f}",
                    f"{r['rate'] / base:.2f}",
                    f"{r['cpu']:.1f}",
                    f"{r['p50']:.1f}",
                    f"{r['p99']:.1f}",
                    f"{r['memory']:.0f}",
                ]
            )
        parts.append(
            f"**{number:,} clients, 100 bytes**\n\n"
            + table(["", "deliveries/s", "× loop", "server CPU µs each", "p50 ms", "p99 ms", "KiB per client"], rows)
        )
    rows = []
    for variant in VARIANTS:
        healthy, stalled = results["slow"][variant, False], results["slow"][variant, True]
        rows.append(
            [
                LABELS[variant],
                f"{healthy['p99']:.1f}",
                f"{stalled['p99']:.1f}",
                f"{stalled['share']:.0%}",
                f"{stalled['memory']:.1f}",
                "yes" if stalled["released"] else "no",
            ]
        )
    parts.append(
        "**One stalled client among 100, 4 KiB, 400 a second**\n\n"
        + table(
            [
                "",
                "p99 ms, all read",
                "p99 ms of the 99",
                "the 99 got",
                "memory grew MiB",
                "stalled one's socket released",
            ],
            rows,
        )
    )
    rows = []
    for ws in ("websockets-sansio", "wsproto", "websockets", "websockets.broadcast()"):
        off, on = results["server"][ws, False], results["server"][ws, True]
        name = ws if ws.endswith("()") else f"uvicorn `--ws {ws}`"
        rows.append([name, f"{off['rate']:,.0f}", f"{off['memory']:.0f}", f"{on['rate']:,.0f}", f"{on['memory']:.0f}"])
    parts.append(
        "**What the protocol implementation and per-message deflate change (500 clients, finished manager on uvicorn)**\n\n"
        + table(["", "off: deliveries/s", "KiB per client", "on: deliveries/s", "KiB per client"], rows)
    )
    c = results["churn"]
    parts.append(
        f"**Comings and goings, 60 s:** {c['visits']:,} visits in 1,000 places, half of them ended by a reset; {c['complete']} of 10 clients that stayed got all {c['messages']:,} messages in order; "
        f"afterwards {c['files']:+d} open files and {c['memory']:+.1f} MiB."
    )
    return "\n\n".join(parts)


def plot(results: dict[str, Any]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    marks = dict(zip(VARIANTS, "os^D*v", strict=True))
    for variant in VARIANTS:
        values = [results["fan-out"][variant, number] for number in results["numbers"]]
        style = {"marker": marks[variant], "label": LABELS[variant], "linewidth": 2.5 if variant == "ours" else 1}
        left.plot(results["numbers"], [value["rate"] / 1000 for value in values], **style)
        right.plot(results["numbers"], [value["p99"] for value in values], **style)
    left.set(xlabel="clients", ylabel="thousand deliveries per second", ylim=(0, None), title="Back to back")
    right.set(xlabel="clients", ylabel="p99 of delivery, ms", yscale="log", title="Ten broadcasts a second")
    left.legend(fontsize=7)
    (HERE / "figures").mkdir(exist_ok=True)
    figure.savefig(HERE / "figures" / "fanout.png", dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute, to see that everything runs")
    parser.add_argument("--write", action="store_true", help="write README.md's fan-out section and the plot")
    options = parser.parse_args()
    if (os.cpu_count() or 1) > 1:
        psutil.Process().cpu_affinity([1])
    results = uvloop.run(measure(options.quick))
    text = report(results)
    print(text)
    if options.write:
        plot(results)
        readme = HERE / "README.md"
        begin, end = "<!-- fanout -->", "<!-- /fanout -->"
        before, _, rest = readme.read_text().partition(begin)
        readme.write_text(f"{before}{begin}\n\n{text}\n\n{end}{rest.partition(end)[2]}")


if __name__ == "__main__":
    main()
