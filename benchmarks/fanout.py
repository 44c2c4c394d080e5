"""Measure fan-out: one text to many clients, on loopback, the server and the clients in a process and on a core each.

`python benchmarks/fanout.py [--quick] [PART ...]` puts the tables into README.md and the plot into figures/.
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
VARIANTS = ["loop", "gather", "queues", "ours", "direct", "websockets", "picows"]
LABELS = {
    "loop": "sequential loop",
    "gather": "asyncio.gather",
    "queues": "queue per client",
    "ours": "finished manager",
    "direct": "finished manager, `Direct`",
    "websockets": "websockets.broadcast()",
    "picows": "picows",
}
STAMP = 20  # digits of the sending time in nanoseconds, at the start of each text
SLOW_SIZE, SLOW_RATE = 16384, 50  # bytes, and messages a second, for the stalled client
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

    def connection_lost(self, _error: Exception | None) -> None:
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
    """99 clients, and one more that reads or does not; big texts, at a steady rate."""
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
    begin, count = time.perf_counter(), int(seconds * SLOW_RATE)
    for number in range(count):
        receivers[0].transport.write(frame(f"{time.perf_counter_ns():0{STAMP}}".encode() + b"x" * (SLOW_SIZE - STAMP)))
        if number % 25 == 0:
            peak = max(peak, process.memory_info().rss)
        await asyncio.sleep(max(0, begin + number / SLOW_RATE - time.perf_counter()))
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


async def measure_fanout(quick: bool) -> str:
    numbers, repeats, deliveries = ([100], 1, 20_000) if quick else ([100, 500, 1000], 3, 30_000)
    runs: dict[tuple[str, int], list[dict[str, float]]] = {}
    for _ in range(repeats):  # interleaved: what else the machine does falls on all variants alike
        for number in numbers:
            for variant in VARIANTS:
                with server(variant) as (process, port):
                    result = await throughput(process, port, number, deliveries, False)
                runs.setdefault((variant, number), []).append(result)
                print(f"{variant:10} {number:5} {result['rate']:9.0f}/s {result['cpu']:5.1f} µs", flush=True)
    results = {key: median(value) for key, value in runs.items()}
    plot(results, numbers)
    parts = []
    for number in numbers:
        base = results["loop", number]["cpu"]
        rows = []
        for variant in VARIANTS:
            found = results[variant, number]
            cells = [found["cpu"], found["cpu"] / base, found["rate"], found["p50"], found["p99"], found["memory"]]
            formats = ["{:.1f}", "{:.2f}", "{:,.0f}", "{:.1f}", "{:.1f}", "{:.0f}"]
            rows.append([LABELS[variant], *(f.format(cell) for f, cell in zip(formats, cells, strict=True))])
        head = ["", "server CPU µs each", "× loop", "deliveries/s", "p50 ms", "p99 ms", "KiB per client"]
        parts.append(f"**{number:,} clients, 100 bytes**\n\n" + table(head, rows))
    return "\n\n".join(parts)


async def measure_slow(quick: bool) -> str:
    rows = []
    for variant in VARIANTS:
        results = []
        for stalled in (False, True):
            with server(variant) as (process, port):
                results.append(await slow(process, port, stalled, 2 if quick else 8))
            print(variant, "stalled" if stalled else "healthy", results[-1], flush=True)
        well, ill = results
        cells = [f"{well['p99']:.1f}", f"{ill['p99']:.1f}", f"{ill['share']:.0%}", f"{ill['memory']:.1f}"]
        rows.append([LABELS[variant], *cells, "yes" if ill["released"] else "no"])
    head = [
        "",
        "p99 ms, all read",
        "p99 ms of the 99",
        "the 99 got",
        "memory grew MiB",
        "stalled one's socket released",
    ]
    return f"**One stalled client among 100: {SLOW_SIZE // 1024} KiB, {SLOW_RATE} a second**\n\n" + table(head, rows)


async def measure_server(quick: bool) -> str:
    rows = []
    for ws in ("websockets-sansio", "wsproto", "websockets", ""):
        row = [f"uvicorn `--ws {ws}`" if ws else "`websockets.broadcast()`"]
        for deflate in (False, True):
            with server("ours" if ws else "websockets", ws, str(int(deflate))) as (process, port):
                found = await throughput(process, port, 100 if quick else 500, 20_000, deflate)
            print(ws, deflate, f"{found['rate']:.0f}/s", flush=True)
            row += [f"{found['cpu']:.1f}", f"{found['memory']:.0f}"]
        rows.append(row)
    head = ["", "off: CPU µs each", "KiB per client", "on: CPU µs each", "KiB per client"]
    title = "**The protocol implementation and per-message deflate: 500 clients, the finished manager on uvicorn**"
    return title + "\n\n" + table(head, rows)


async def measure_churn(quick: bool) -> str:
    seconds, slots = (5, 100) if quick else (60, 1000)
    with server("ours") as (process, port):
        found = await churn(process, port, seconds, slots)
    return (
        f"**Comings and goings for {seconds} s:** {found['visits']:,} visits in {slots:,} places, "
        "each ended by a close frame or a reset.\n"
        f"{found['complete']} of 10 clients that stayed got all {found['messages']:,} messages, in order.\n"
        f"Afterwards: {found['files']:+d} open files, {found['memory']:+.1f} MiB."
    )


PARTS = {"fanout": measure_fanout, "slow": measure_slow, "server": measure_server, "churn": measure_churn}


def machine() -> str:
    names = ("fastapi", "starlette", "uvicorn", "websockets", "wsproto", "uvloop", "picows")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    info = Path("/proc/cpuinfo")
    models = (
        [line.split(": ")[1] for line in info.read_text().splitlines() if "model name" in line] if info.exists() else []
    )
    model = models[0] if models else platform.machine()
    return f"{platform.system()}, {os.cpu_count()} cores ({model}), Python {platform.python_version()}, {versions}."


def write(part: str, text: str) -> None:
    """Put `text` between the part's marks in README.md."""
    readme = HERE / "README.md"
    before, begin, rest = readme.read_text(encoding="utf-8").partition(f"<!-- {part} -->\n")
    _, end, after = rest.partition(f"<!-- /{part} -->")
    readme.write_text(f"{before}{begin}\n{text}\n\n{end}{after}", encoding="utf-8")


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def plot(results: dict[tuple[str, int], dict[str, float]], numbers: list[int]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    marks = dict(zip(VARIANTS, "os^DP*v", strict=True))
    for variant in VARIANTS:
        values = [results[variant, number] for number in numbers]
        style = {
            "marker": marks[variant],
            "label": LABELS[variant].replace("`", ""),
            "linewidth": 2.5 if variant in ("ours", "direct") else 1,
        }
        left.plot(numbers, [value["cpu"] for value in values], **style)
        right.plot(numbers, [value["p99"] for value in values], **style)
    left.set(xlabel="clients", ylabel="server CPU per delivery, µs", ylim=(0, None), title="Back to back")
    right.set(xlabel="clients", ylabel="p99 of delivery, ms", yscale="log", title="Ten broadcasts a second")
    left.legend(fontsize=7)
    (HERE / "figures").mkdir(exist_ok=True)
    figure.savefig(HERE / "figures" / "fanout.png", dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure; everything unless named")
    parser.add_argument("--quick", action="store_true", help="a minute, to see that everything runs; writes nothing")
    options = parser.parse_args()
    if (os.cpu_count() or 1) > 1:
        psutil.Process().cpu_affinity([1])
    for part in options.parts or PARTS:
        text = uvloop.run(PARTS[part](options.quick))
        print(text, flush=True)
        if not options.quick:
            write(part, text)
            write("machine", machine())


if __name__ == "__main__":
    main()
