"""An answer in this process: what is served, what is called, and why an answer cannot be used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket

from course_app import connect
from course_app.checks import AnswerUnusable
from course_app.checks.local_backend import LocalBackend
from tests.support.checks import echo_app


@pytest.fixture
async def backends() -> AsyncIterator[Any]:
    """Give a function that makes a backend of an answer; every server is stopped at the end."""
    made: list[LocalBackend] = []

    def make(*answer: Any) -> LocalBackend:
        made.append(LocalBackend("answer", dict(zip(["answer"], answer, strict=False))))
        return made[-1]

    yield make
    for backend in made:
        await backend.close()


async def unusable(step: Any) -> tuple[str, dict[str, Any]]:
    """Await a step that has to find the answer unusable, and return why."""
    with pytest.raises(AnswerUnusable) as caught:
        await step
    return caught.value.diagnosis, caught.value.fields


async def test_an_app_is_served_once(backends: Any) -> None:
    backend = backends(echo_app())
    server = await backend.address()
    assert await backend.address() is server
    async with connect(server, "/ws") as ws:
        await ws.send("hi")
        assert await ws.recv() == "hi"
        assert await backend.running() == 1


async def test_a_client_that_does_not_read_is_felt_after_one_message(backends: Any) -> None:
    app, sent = FastAPI(), asyncio.Event()

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive_text()
        await websocket.send_text("x" * 800_000)
        await websocket.send_text("this one waits")
        sent.set()

    async with connect(await backends(app).address(), "/ws") as ws:
        ws.stop_reading()
        await ws.send("go")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(sent.wait(), 0.3)
        ws.resume_reading()
        await asyncio.wait_for(sent.wait(), 20)


async def broken_app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})


@pytest.mark.parametrize(
    ("answer", "diagnosis"), [((), "missing-name"), ((42,), "not-an-app"), ((broken_app,), "not-served")]
)
async def test_what_cannot_be_served_is_named(backends: Any, answer: tuple[Any, ...], diagnosis: str) -> None:
    found, fields = await unusable(backends(*answer).address())
    assert found == diagnosis
    if diagnosis == "not-an-app":
        assert fields["kind"] == "int"


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
async def test_what_makes_no_app_is_named(backends: Any, factory: Any, diagnosis: str) -> None:
    found, fields = await unusable(backends(factory).make("word"))
    assert found == diagnosis
    if factory is raises:
        assert fields["error"] == "LookupError: no such word"


async def test_each_app_that_is_made_has_a_server_of_its_own(backends: Any) -> None:
    backend = backends(lambda: echo_app())
    one, two = await backend.make(), await backend.make()
    assert one is not two and one.url != two.url


async def test_what_a_function_returns_and_raises_is_told(backends: Any) -> None:
    async def answer(what: str) -> str:
        if what == "raise":
            raise ValueError("why")
        if what == "time out":
            raise TimeoutError("its own")
        if what == "fail":
            pytest.fail("as pytest.raises does")
        if what == "sleep":
            await asyncio.sleep(30)
        return what

    backend = backends(answer)
    assert (await backend.call("hi", timeout=20)).value == "hi"
    raised = await backend.call("raise", timeout=20)
    assert (raised.error, raised.detail, raised.timed_out) == ("ValueError", "why", False)
    own_timeout = await backend.call("time out", timeout=20)
    assert (own_timeout.error, own_timeout.timed_out) == ("TimeoutError", False)
    assert (await backend.call("fail", timeout=20)).error == "Failed"
    slow = await backend.call("sleep", timeout=0.1)
    assert (slow.timed_out, slow.error, slow.seconds) == (True, "", 0.1)


@pytest.mark.parametrize("answer", [42, raises, FastAPI()])
async def test_what_is_no_coroutine_function_cannot_be_called(backends: Any, answer: Any) -> None:
    diagnosis, fields = await unusable(backends(answer).call("word", timeout=1))
    assert (diagnosis, fields["kind"]) == ("not-a-function", type(answer).__name__)


async def test_an_interrupt_is_no_outcome_of_a_call(backends: Any) -> None:
    async def answer() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await backends(answer).call(timeout=1)


async def test_logs_of_the_answer_are_kept_and_those_of_a_hosted_app_are_not(backends: Any) -> None:
    backend = backends(echo_app())
    hosted = await backend.host(echo_app())
    for target, word in ((await backend.address(), "boom"), (hosted, "bye")):
        async with connect(target, "/ws") as ws:
            await ws.send(word)
            await ws.wait_closed()
    while not any("boom, as asked" in line for line in await backend.logs()):
        await asyncio.sleep(0.01)
    assert await backend.running() == 0


async def test_stopping_tells_the_clients(backends: Any) -> None:
    backend = backends(echo_app())
    async with connect(await backend.address(), "/ws") as ws:
        await backend.stop_serving()
        assert (await ws.wait_closed()).code == 1012


async def test_closing_stops_every_server(backends: Any) -> None:
    backend = backends(lambda: echo_app())
    made = await backend.make()
    await backend.host(echo_app())
    await backend.close()
    assert not made.running


async def test_a_reference_app_is_nobodys_own_answer() -> None:
    from course_app.apps.echo import app

    with pytest.raises(AnswerUnusable) as unusable:
        await LocalBackend("once_app", {"once_app": app}).address()
    assert unusable.value.diagnosis == "not-your-own"
    assert unusable.value.fields == {"module": "course_app.apps.echo"}


async def test_the_default_wait_of_a_client_is_the_calls_and_is_put_back(backends: Any) -> None:
    async def answer() -> list[float]:
        return [connect("ws://nowhere").timeout, connect("ws://nowhere", timeout=7).timeout]

    backend = backends(answer)
    assert (await backend.call(timeout=20, wait=0.25)).value == [0.25, 7.0]
    assert (await backend.call(timeout=20)).value == [2.0, 7.0]
    assert connect("ws://nowhere").timeout == 2.0
