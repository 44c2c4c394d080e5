"""A learner's test against right and wrong servers: what counts as failing, and what is shown of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import WebSocket

from course_app import Refused, WaitTimeout, connect
from course_app.checks import CheckContext, CheckFailed
from course_app.checks.faulty_servers import SHOWN, Behaviour, mark, run_against_servers
from course_app.checks.local_backend import LocalBackend

Learner = Callable[[str], Awaitable[None]]


def says(text: str) -> Behaviour:
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        async for _ in websocket.iter_text():
            if text != "right":
                mark(websocket)
            await websocket.send_text(text)

    return endpoint


async def judge(test: Learner, patience: float = 2.0, **servers: Any) -> tuple[str, CheckContext]:
    """Run `test` against the servers, and return the diagnosis, or nothing where it is right."""
    servers = {"right": [lambda: says("right")], "wrong": {"is-wrong": [lambda: says("wrong")]}} | servers
    backend = LocalBackend("answer", {"answer": test}, patience=patience)
    context = CheckContext("answer", backend)
    try:
        await run_against_servers(context, **servers)
    except CheckFailed as wrong:
        return wrong.diagnosis, context
    finally:
        await backend.close()
    return "", context


async def ask(server: str) -> object:
    async with connect(server, "/ws") as ws:
        await ws.send("?")
        return await ws.recv()


async def right(server: str) -> None:
    assert await ask(server) == "right"


async def asserts_nothing(server: str) -> None:
    await ask(server)


async def expects_too_much(server: str) -> None:
    assert await ask(server) == "perfect"


async def expects_an_exception_that_does_not_come(server: str) -> None:
    with pytest.raises(ValueError):
        await ask(server)


@pytest.mark.parametrize(
    ("test", "diagnosis"),
    [
        (right, ""),
        (asserts_nothing, "everything"),
        (expects_too_much, "right-failed"),
        (expects_an_exception_that_does_not_come, "right-failed"),
    ],
)
async def test_a_verdict(test: Learner, diagnosis: str) -> None:
    assert (await judge(test))[0] == diagnosis


async def test_the_one_that_got_through_is_named_and_its_dialogue_shown() -> None:
    silent = {"is-wrong": [lambda: says("wrong")], "almost": [lambda: says("right ")]}

    async def strips(server: str) -> None:
        assert str(await ask(server)).strip() == "right"

    diagnosis, context = await judge(strips, wrong=silent)
    assert diagnosis == "almost"
    assert "> TEXT '?' [1 byte]\n< TEXT 'right ' [6 bytes]" in context.received


async def test_a_wrong_server_that_says_nothing_does_not_keep_us_waiting() -> None:
    def mute() -> Behaviour:
        async def endpoint(websocket: WebSocket) -> None:
            await websocket.accept()
            async for _ in websocket.iter_text():
                mark(websocket)

        return endpoint

    async def waits_long(server: str) -> None:
        async with connect(server, "/ws", timeout=30) as ws:
            await ws.send("?")
            assert await ws.recv() == "right"

    assert (await judge(waits_long, wrong={"mute": [mute]}))[0] == ""


async def test_a_long_dialogue_is_cut() -> None:
    async def talks(server: str) -> None:
        async with connect(server, "/ws") as ws:
            for _ in range(50):
                await ws.send("?")
                await ws.recv()

    diagnosis, context = await judge(talks)
    assert (diagnosis, len(context.hosted_transcript.events)) == ("everything", SHOWN)


async def test_a_right_server_that_takes_its_time_has_to_pass_too() -> None:
    def slow() -> Behaviour:
        async def endpoint(websocket: WebSocket) -> None:
            await websocket.accept()
            async for _ in websocket.iter_text():
                await asyncio.sleep(0.2)
                await websocket.send_text("right")

        return endpoint

    async def impatient(server: str) -> None:
        async with connect(server, "/ws", timeout=0.1) as ws:
            await ws.send("?")
            assert await ws.recv() == "right"

    assert (await judge(right, slow=[slow]))[0] == ""
    assert (await judge(impatient, slow=[slow]))[0] == "too-strict"


async def test_a_test_that_does_not_end_is_named() -> None:
    async def never_ends(server: str) -> None:
        await asyncio.sleep(60)

    assert (await judge(never_ends, patience=0.1))[0] == "hangs"


async def test_a_right_server_gets_a_second_chance_and_a_wrong_one_none() -> None:
    calls: list[object] = []

    async def fails_at_first(server: str) -> None:
        reply = await ask(server)
        calls.append(reply)
        assert reply == "right" and calls.count("right") > 1

    assert (await judge(fails_at_first))[0] == ""
    assert sorted(map(str, calls)) == ["right", "right", "right", "wrong"]


async def test_another_path_is_refused() -> None:
    async def elsewhere(server: str) -> None:
        with pytest.raises(Refused) as caught:
            async with connect(server, "/elsewhere"):
                pass
        assert caught.value.status == 403
        assert await ask(server) == "right"

    assert (await judge(elsewhere))[0] == ""


async def test_a_test_that_fails_before_the_fault_has_not_found_it() -> None:
    async def fails_at_once(server: str) -> None:
        async with connect(server, "/ws") as ws:
            if FaultyAt.wrong:
                raise AssertionError
            await ws.send("?")
            assert await ws.recv() == "right"

    class FaultyAt:
        wrong = False

    def wrong() -> Behaviour:
        FaultyAt.wrong = True
        behaviour = says("wrong")

        async def endpoint(websocket: WebSocket) -> None:
            try:
                await behaviour(websocket)
            finally:
                FaultyAt.wrong = False

        return endpoint

    assert (await judge(fails_at_once, wrong={"is-wrong": [wrong]}))[0] == "unprovoked"


async def test_silence_is_no_sign_of_a_wrong_server() -> None:
    async def hears_nothing(server: str) -> None:
        async with connect(server, "/ws", timeout=0.4) as ws:
            with pytest.raises(WaitTimeout):
                await ws.recv()

    assert (await judge(hears_nothing))[0] == "everything"


async def never_sends(server: str) -> None:
    async with connect(server, "/ws"):
        raise AssertionError


async def wrong_path(server: str) -> None:
    await connect(server, "/elsewhere")


async def waits_in_vain(server: str) -> None:
    async with connect(server, "/ws", timeout=0.1) as ws:
        await ws.recv()


async def has_a_typo(server: str) -> None:
    _ = server.adress  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("test", "diagnosis"),
    [
        (never_sends, "nothing-said"),
        (wrong_path, "right-refused"),
        (waits_in_vain, "right-silent"),
        (has_a_typo, "test-broken"),
    ],
)
async def test_how_a_test_fails_a_right_server_is_named(test: Learner, diagnosis: str) -> None:
    assert (await judge(test))[0] == diagnosis
