"""Real engines for lessons and tests: Redis, PostgreSQL, nginx and uvicorn workers as child processes.

    redis = await engines.redis()
    async with await engines.postgres() as postgres: ...

Each listens on a free port of 127.0.0.1 and keeps its files in a folder of its own.
Each ends with `await engine.stop()`, with its `async with` block, or with this process, however this process ends.
"""

from __future__ import annotations

from .child_process import Engine, stop_engines
from .nginx_server import Nginx, nginx, nginx_program
from .postgres_server import Postgres, postgres
from .redis_server import Redis, redis, redis_program
from .uvicorn_workers import Worker, Workers, workers

__all__ = [
    "Engine",
    "Nginx",
    "Postgres",
    "Redis",
    "Worker",
    "Workers",
    "nginx",
    "nginx_program",
    "postgres",
    "redis",
    "redis_program",
    "stop_engines",
    "workers",
]
