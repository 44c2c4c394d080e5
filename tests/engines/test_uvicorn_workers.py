"""Workers start on ports of their own or on one port, keep it over a restart, and say why they cannot start."""

from __future__ import annotations

import pytest

from course_app import engines
from course_app.errors import CourseError


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
        assert sum("Application startup complete." in line for line in worker.log_lines) == 2


async def test_shared_workers_have_one_port() -> None:
    async with await engines.workers("course_app.apps.echo:app", 2, shared=True) as started:
        (worker,) = started
        assert worker.url == f"http://127.0.0.1:{worker.port}" and worker.ws_url == f"ws://127.0.0.1:{worker.port}"
        assert sum("Started server process" in line for line in worker.log_lines) == 2
    assert not worker.running
