"""The configuration that the course hands out, in a real nginx, in front of real workers."""

from __future__ import annotations

# Blocks nest where one line would be too long; other processes set no event to wait for.
# ruff: noqa: SIM117
import asyncio
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from course_app import connect, engines
from course_app.client.client import Closed, Refused
from course_app.engines.uvicorn_workers import Workers
from tests.support.paths import ROOT

SITE = ROOT / "deploy/nginx/chat.conf"
APP = "course_app.apps.deployed:app"
PROXIED = ["--proxy-headers", "--forwarded-allow-ips", "127.0.0.1"]


@pytest.fixture(scope="module")
def workers(redis_engine: engines.Redis, nginx_installed: None) -> Iterator[Workers]:
    env = {"BROKER_URL": redis_engine.url, "BROKER_TIMEOUT": "10"}
    workers = asyncio.run(engines.workers(APP, 2, env=env, options=PROXIED))
    yield workers
    asyncio.run(workers.stop())


async def front(workers: Workers, replace: dict[str, str] | None = None) -> engines.Nginx:
    ports = {"127.0.0.1:8001": f"127.0.0.1:{workers[0].port}", "127.0.0.1:8002": f"127.0.0.1:{workers[1].port}"}
    return await engines.nginx(SITE, {**ports, **(replace or {})})


def enter(nginx: engines.Nginx, path: str, **options: Any) -> Any:
    return connect(f"ws://127.0.0.1:{nginx.port}", path, timeout=20, **options)


@pytest.mark.parametrize("prefix", ["", "/chat"])
async def test_clients_of_both_workers_meet_through_nginx(workers: Workers, prefix: str) -> None:
    async with await front(workers) as nginx:
        async with enter(nginx, f"{prefix}/ws/1") as a, enter(nginx, f"{prefix}/ws/2") as b:
            # Sent to the worker with the fewest connections: one each.
            assert a.response_headers["x-worker"] != b.response_headers["x-worker"]
            await a.send("hello")
            assert await a.recv() == "You wrote: hello"
            assert await b.recv() == "Client #1 says: hello"
            assert await a.recv() == "Client #1 says: hello"


async def test_the_workers_see_the_client_and_not_nginx(workers: Workers) -> None:
    async with await front(workers) as nginx, enter(nginx, "/ws/4711", headers={"X-Forwarded-For": "203.0.113.9"}):
        lines = [line for worker in workers for line in worker.log_lines if "/ws/4711" in line]
    # nginx replaces what a client claims; over the wire of this test the client is this machine.
    assert "203.0.113.9" not in lines[0] and "127.0.0.1:0" in lines[0]


async def test_without_the_upgrade_headers_the_handshake_fails(workers: Workers) -> None:
    lost = {"proxy_set_header Upgrade $http_upgrade;": "", "proxy_set_header Connection $connection_upgrade;": ""}
    async with await front(workers, lost) as nginx:
        with pytest.raises(Refused) as refused:
            await enter(nginx, "/ws/1")
    assert refused.value.status == 404  # to uvicorn it is a GET on a path that has no page


@pytest.mark.parametrize(("ping", "survives"), [("0", False), ("0.3", True)])
async def test_an_idle_socket_is_cut_unless_pings_keep_it_alive(
    redis_engine: engines.Redis, nginx_installed: None, ping: str, survives: bool
) -> None:
    options = [*PROXIED, "--ws-ping-interval", ping, "--ws-ping-timeout", "20"]
    async with await engines.workers(APP, 2, options=options) as workers:
        async with await front(workers, {"proxy_read_timeout 75s": "proxy_read_timeout 2s"}) as nginx:
            # Without this, the client of `websockets` would ping by itself.
            async with enter(nginx, "/ws/1") as a:
                begin = time.monotonic()
                if survives:
                    await asyncio.sleep(4)
                    await a.send("still here")
                    assert await a.recv() == "You wrote: still here"
                else:
                    with pytest.raises(Closed) as closed:
                        await a.recv()
                    assert closed.value.code == 1006 and time.monotonic() - begin > 1


async def test_a_worker_that_is_gone_is_left_out(workers: Workers) -> None:
    async with await front(workers) as nginx:
        await workers[0].kill()
        for number in range(6):
            async with enter(nginx, f"/ws/{number}") as a:
                assert a.response_headers["x-worker"] == str(workers[1].pids[0])
    await workers[0].start()


async def test_health_is_public_and_metrics_are_not(workers: Workers) -> None:
    async with await front(workers) as nginx, httpx.AsyncClient(timeout=20) as http:
        for path, status in [
            ("/healthz", 200),
            ("/readyz", 200),
            ("/metrics", 403),
            ("/chat/metrics", 403),
            ("/", 200),
        ]:
            answer = await http.get(f"http://127.0.0.1:{nginx.port}{path}")
            assert answer.status_code == status, path
