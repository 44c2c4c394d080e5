"""Several servers of one answer: the check calls the learner's function and serves each app that it returns."""

from __future__ import annotations

# A broker sets no event that a test could wait for.
import asyncio
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket

from course_app.apps.broker import BrokerError, open_broker
from course_app.checks import CheckContext, Verdict, run_check
from course_app.checks.local_backend import LocalBackend
from course_app.manifest import Task

TASK = Task(id="common.1", title="", target="create_app", points=1, hints=("?",))


def play(monkeypatch: pytest.MonkeyPatch, factory: Any, check: Any) -> Verdict:
    monkeypatch.setattr("course_app.checks.run.find", lambda task_id: check)
    return asyncio.run(run_check(TASK, LocalBackend("create_app", {"create_app": factory}, patience=20.0)))


def numbered(made: list[str] | None = None) -> Any:
    made = [] if made is None else made

    def create_app(word: str) -> FastAPI:
        made.append(word)
        number, app = len(made), FastAPI()

        @app.websocket("/ws")
        async def endpoint(websocket: WebSocket) -> None:
            await websocket.accept()
            await websocket.send_text(f"{word} {number}")
            await websocket.close()

        return app

    return create_app


async def meets_both(context: CheckContext) -> None:
    one, two = await context.workers(2, "worker")
    for at, reply in [(two, "worker 2"), (one, "worker 1"), (two, "worker 2")]:
        await (await context.client("A", at=at)).receives(reply)


def test_each_worker_is_an_app_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    assert play(monkeypatch, numbered(made), meets_both).passed
    assert made == ["worker", "worker"]


def test_a_refusal_is_asked_of_one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    async def is_refused(context: CheckContext) -> None:
        (one,) = await context.workers(1, "worker")
        await context.refused("A", "/nowhere", at=one)

    assert play(monkeypatch, numbered(), is_refused).passed


async def coroutine_function(word: str) -> None: ...


def raises(word: str) -> None:
    raise LookupError("no such word")


@pytest.mark.parametrize(
    ("factory", "diagnosis"),
    [
        (FastAPI(), "not-a-factory"),
        (coroutine_function, "not-a-factory"),
        (lambda word: None, "made-no-app"),
        (lambda: FastAPI(), "raised"),
        (raises, "raised"),
    ],
)
def test_what_makes_no_app_is_named(monkeypatch: pytest.MonkeyPatch, factory: Any, diagnosis: str) -> None:
    verdict = play(monkeypatch, factory, meets_both)
    assert verdict.diagnosis == f"common.1.{diagnosis}" and verdict.message


async def test_practice_joins_brokers_of_one_name_and_keeps_messages() -> None:
    async with open_broker("practice://one") as a, open_broker("practice://one") as b, open_broker("practice://x") as x:
        await a.publish("room", "0")
        async with b.subscribe("room") as new, b.subscribe("room", "0-0") as all_of_it, x.subscribe("room") as other:
            for number in "123":
                await a.publish("room", number)
            await x.publish("room", "elsewhere")
            seen = [await anext(all_of_it) for _ in range(4)]
            assert [message.text for message in seen] == ["0", "1", "2", "3"]
            assert [(await anext(new)).text for _ in range(3)] == ["1", "2", "3"]
            assert (await anext(other)).text == "elsewhere"
            async with a.subscribe("room", seen[1].id) as resumed:
                assert [(await anext(resumed)).text for _ in range(2)] == ["2", "3"]
    async with open_broker("practice://one") as late, late.subscribe("room", "0-0") as messages:
        assert messages.queued == 0


async def test_practice_takes_its_time_to_join() -> None:
    async with open_broker("practice://two?pause=0.1") as a, open_broker("practice://two?limit=3") as b:
        joining = asyncio.create_task(first(a))
        await asyncio.sleep(0)
        await b.publish("room", "old")
        while not a.confirmed_channels:
            await asyncio.sleep(0.01)
        await b.publish("room", "new")
        assert await joining == "new"
        with pytest.raises(BrokerError, match="over the 3 bytes"):
            await b.publish("room", "long")


async def first(broker: Any) -> str:
    async with broker.subscribe("room") as messages:
        return str((await anext(messages)).text)


@pytest.mark.parametrize("url", ["practice://", "practice://x?pause=soon", "practice://x?limit=few"])
def test_practice_says_what_is_wrong_with_its_url(url: str) -> None:
    with pytest.raises(BrokerError, match="needs a name|are numbers"):
        open_broker(url)
