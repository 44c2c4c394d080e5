"""What a check is given: clients, refusals, HTTP requests, workers, the log, and the transcript of it all."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, WebSocket

from course_app.checks import AnswerUnusable, Rule
from course_app.checks.rules import has_status, is_accepted, is_nothing
from tests.support.checks import IN_VAIN, PATIENCE, context_of, echo_app, failure_of


def handshake_app() -> FastAPI:
    """Return an app that treats handshakes and requests as their path says."""
    app = FastAPI()

    @app.websocket("/refused/{status}")
    async def refused(websocket: WebSocket, status: int) -> None:
        raise HTTPException(status, "not you")

    @app.websocket("/crash")
    async def crash(websocket: WebSocket) -> None:
        raise ValueError("boom, as asked")

    @app.websocket("/never")
    async def never(websocket: WebSocket) -> None:
        await asyncio.sleep(30)

    @app.websocket("/ws")
    async def accepted(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive()

    @app.get("/slow")
    async def slow() -> None:
        await asyncio.sleep(30)

    @app.get("/crash")
    async def crash_on_get() -> None:
        raise ValueError("boom, as asked")

    return app


# Handshakes


@pytest.mark.parametrize(
    ("path", "diagnosis"),
    [
        ("/nowhere", "no-route"),
        ("/refused/403", "no-route"),
        ("/refused/401", "refused"),
        ("/crash", "refused-500"),
        ("/never", "no-handshake"),
    ],
)
async def test_each_way_to_miss_a_handshake_has_its_name(path: str, diagnosis: str) -> None:
    async with context_of(handshake_app(), IN_VAIN if path == "/never" else PATIENCE) as context:
        failed = await failure_of(context.connect("A", path))
    assert (failed.diagnosis, failed.waited) == (diagnosis, path == "/never")
    assert (failed.fields["who"], failed.fields["path"]) == ("A", path)
    assert str(context.expected).splitlines() == [f"> GET {path}", "< 101 Switching Protocols"]


async def test_a_rule_names_why_a_handshake_failed_and_none_is_asked_for_a_good_one() -> None:
    rules = [Rule(has_status(401), "token-refused"), Rule(is_accepted, "never")]
    async with context_of(handshake_app()) as context:
        assert (await failure_of(context.connect("A", "/refused/401", rules=rules))).diagnosis == "token-refused"
        assert (await context.connect("B", "/ws", rules=rules)).is_open
        assert [client.name for client in context.clients] == ["A", "B"]


@pytest.mark.parametrize(
    ("path", "diagnosis"),
    [
        ("/refused/422", ""),
        ("/refused/403", "wrong-status"),
        ("/crash", "wrong-status"),
        ("/ws", "not-refused"),
        ("/never", "no-handshake"),
    ],
)
async def test_a_refusal_is_expected_with_its_status(path: str, diagnosis: str) -> None:
    async with context_of(handshake_app(), IN_VAIN if path == "/never" else PATIENCE) as context:
        step = context.expect_refusal("A", path, status=422)
        if not diagnosis:
            assert (await step).json == {"detail": "not you"}
            return
        failed = await failure_of(step)
    assert (failed.diagnosis, failed.waited) == (diagnosis, path == "/never")
    assert failed.fields["expected"] == 422
    assert str(context.expected).splitlines() == [f"> GET {path}", "= REFUSED 422"]


async def test_a_rule_names_what_came_instead_of_a_refusal() -> None:
    rules = [Rule(has_status(403), "still-403"), Rule(is_accepted, "let-in")]
    async with context_of(handshake_app()) as context:
        assert (await failure_of(context.expect_refusal("A", "/refused/403", status=422, rules=rules))).diagnosis == (
            "still-403"
        )
        assert (await failure_of(context.expect_refusal("B", "/ws", rules=rules))).diagnosis == "let-in"
        assert (await context.expect_refusal("C", "/refused/403", rules=rules)).status == 403


# HTTP requests


@pytest.mark.parametrize(
    ("path", "status", "diagnosis"),
    [
        ("/nowhere", 404, ""),
        ("/nowhere", 200, "wrong-response"),
        ("/crash", 200, "wrong-response"),
        ("/slow", 200, "no-response"),
    ],
)
async def test_each_way_to_miss_a_response_has_its_name(path: str, status: int, diagnosis: str) -> None:
    async with context_of(handshake_app(), IN_VAIN if path == "/slow" else PATIENCE) as context:
        step = context.http("GET", path, status=status)
        if not diagnosis:
            assert (await step).json == {"detail": "Not Found"}
            return
        failed = await failure_of(step)
        assert context.received.splitlines()[0] == f"> GET {path}"
    assert (failed.diagnosis, failed.waited, failed.fields["method"]) == (diagnosis, path == "/slow", "GET")
    assert str(context.expected).splitlines() == [f"> GET {path}", f"< HTTP {status}"]
    if path == "/crash":
        assert "ValueError: boom, as asked" in failed.fields["log"]


async def test_a_rule_names_a_wrong_response() -> None:
    rules = [Rule(has_status(404), "no-page")]
    async with context_of(handshake_app()) as context:
        assert (await failure_of(context.http("GET", "/nowhere", rules=rules))).diagnosis == "no-page"
        assert (await context.http("GET", "/nowhere", status=404, rules=rules)).status == 404


# Several servers of one answer


def numbered_apps(made: list[str]) -> Any:
    """Return a function that makes apps; each sends its argument and its number."""

    def create_app(word: str) -> FastAPI:
        made.append(word)
        number, app = len(made), FastAPI()

        @app.websocket("/ws")
        async def endpoint(websocket: WebSocket) -> None:
            await websocket.accept()
            await websocket.send_text(f"{word} {number}")
            await websocket.close()

        @app.get("/number")
        async def get_number() -> int:
            return number

        return app

    return create_app


async def test_each_worker_is_an_app_of_its_own() -> None:
    made: list[str] = []
    async with context_of(numbered_apps(made)) as context:
        one, two = await context.workers(2, "worker")
        for server, reply in [(two, "worker 2"), (one, "worker 1"), (two, "worker 2")]:
            await (await context.connect("A", server=server)).expect(reply)
        await context.expect_refusal("A", "/nowhere", server=one)
        assert (await context.http("GET", "/number", server=two)).json == 2
    assert made == ["worker", "worker"]


async def test_what_makes_no_app_is_unusable() -> None:
    async with context_of(echo_app()) as context:
        with pytest.raises(AnswerUnusable, match="not-a-factory"):
            await context.workers(1)


# The answer as a function


async def test_the_learners_function_is_called_with_a_server_of_the_checks_own() -> None:
    from course_app import connect

    async def answer(address: str, text: str) -> object:
        async with connect(address, "/ws") as ws:
            await ws.send(text)
            return await ws.recv()

    async with context_of(answer) as context:
        address = await context.host(echo_app())
        assert (await context.call(address, "hello")).value == "hello"
        assert (await context.call(address, "bye")).error == "Closed"
        assert (await context.call(address, "quiet", timeout=0.2)).timed_out


async def test_a_function_may_take_three_times_the_patience() -> None:
    async with context_of(lambda: None, 0.1) as context:
        context.backend.call = remember = Remember()  # type: ignore[method-assign, assignment]
        await context.call("x")
    assert remember.timeout == pytest.approx(0.3)


class Remember:
    """Stands for `backend.call`, and remembers the timeout that it was given."""

    timeout = 0.0

    async def __call__(self, *args: Any, timeout: float, wait: float | None = None) -> None:
        self.timeout = timeout


# What the server logged


def late_app(seconds: float, error: Exception | None, ended: asyncio.Event | None = None) -> FastAPI:
    """Return an app whose endpoint goes on after its client, for `seconds` and until `ended`, and then raises."""
    app = FastAPI()

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive()
        await asyncio.sleep(seconds)
        if ended:
            await ended.wait()
        if error:
            raise error

    return app


@pytest.mark.parametrize("error", [None, ValueError("too late for anybody to see")])
async def test_an_endpoint_that_raises_a_while_after_its_client_left_is_waited_for(error: Exception | None) -> None:
    async with context_of(late_app(0.04, error)) as context:
        await (await context.connect("A")).close()
        if error is None:
            await context.expect_endpoints_ended("not-caught")
            return
        failed = await failure_of(context.expect_endpoints_ended("not-caught"))
    assert failed.diagnosis == "not-caught" and "too late for anybody to see" in failed.fields["log"]


async def test_an_endpoint_that_never_ends_is_a_failure() -> None:
    async with context_of(late_app(0.0, None, asyncio.Event()), patience=1.0) as context:
        await (await context.connect("A")).close()
        failure = await asyncio.wait_for(failure_of(context.expect_endpoints_ended("not-caught")), 5)
        assert (failure.diagnosis, failure.fields["count"]) == ("endpoint-runs-on", 1)


async def test_a_traceback_is_a_failure_at_any_time() -> None:
    async with context_of(echo_app()) as context:
        client = await context.connect("A")
        await context.expect_no_traceback()
        await client.send("boom")
        assert is_nothing(await client.receive(IN_VAIN)) is False
        assert (await failure_of(context.expect_no_traceback())).diagnosis == "traceback"
        assert (await failure_of(context.expect_no_traceback("not-caught"))).diagnosis == "not-caught"


# The transcript of what was received


async def test_frames_and_requests_stand_in_the_order_in_which_they_crossed_the_wire() -> None:
    async with context_of(echo_app()) as context:
        a, b = await context.connect("A"), await context.connect("B")
        await b.send("one")
        await b.expect("one")
        await context.http("GET", "/nowhere", status=404)
        await a.send("two")
        await a.expect("two")
        assert context.received.splitlines()[4:] == [
            "B    > TEXT 'one' [3 bytes]",
            "B    < TEXT 'one' [3 bytes]",
            "HTTP > GET /nowhere",
            "HTTP < HTTP 404",
            "A    > TEXT 'two' [3 bytes]",
            "A    < TEXT 'two' [3 bytes]",
        ]


async def test_closing_cuts_every_open_connection() -> None:
    async with context_of(echo_app()) as context:
        a, b = await context.connect("A"), await context.connect("B")
        await a.close()
        await context.close()
        assert not a.is_open and not b.is_open
