"""Checks of exercise 12: the learner writes the test, and the check puts it on trial with right and wrong servers."""

from __future__ import annotations

import asyncio

from fastapi import WebSocket, WebSocketDisconnect

from ..context import CheckContext
from ..faulty_servers import Behaviour, run_against_servers
from ..registry import task

PROMPT = 0.2  # seconds after which a right server may answer
ALLOWED = 0.5  # seconds that task 2 gives a server
LATE = 0.9  # seconds after which a wrong server answers

# 1. An echo is an echo


def echo(
    *, prefix: str = "Message text was: ", strip: bool = False, stuck: bool = False, once: bool = False
) -> Behaviour:
    """Return an echo server, with that one thing wrong."""

    async def part(websocket: WebSocket) -> None:
        await websocket.accept()
        first = ""
        async for text in websocket.iter_text():
            first = first or text
            said = first if stuck else text.strip() if strip else text
            await websocket.send_text(prefix + said)
            if once:
                await websocket.close()
                return

    return part


@task("testing.1")
async def tests_an_echo(context: CheckContext) -> None:
    await run_against_servers(
        context,
        right=[echo],
        wrong={
            "plain": lambda: echo(prefix=""),
            "once": lambda: echo(once=True),
            "stuck": lambda: echo(stuck=True),
            "spaces": lambda: echo(strip=True),
        },
    )


# 2. In time


def echo_after(seconds: float) -> Behaviour:
    async def part(websocket: WebSocket) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            await asyncio.sleep(seconds)
            await websocket.send_text(text)

    return part


@task("testing.2")
async def tests_the_time(context: CheckContext) -> None:
    await run_against_servers(
        context,
        right=[lambda: echo_after(0)],
        slow=[lambda: echo_after(PROMPT)],
        wrong={"late": lambda: echo_after(LATE), "changed": changed},
        patient=True,
    )


def changed() -> Behaviour:
    """Return a server that is in time, with something else than it was sent."""

    async def part(websocket: WebSocket) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(f"{len(text)} characters")

    return part


# 3. A proper goodbye


def goodbye(code: int = 4000, reason: str = "bye", word: str | None = "quit") -> Behaviour:
    """Return a server that closes on `word`, or on any text where that is None. Code 0 drops the connection."""

    async def part(websocket: WebSocket) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            if word in (text, None):
                if code:
                    await websocket.close(code, reason)
                return
            await websocket.send_text(text)

    return part


@task("testing.3")
async def tests_a_goodbye(context: CheckContext) -> None:
    await run_against_servers(
        context,
        right=[goodbye],
        wrong={
            "stays": lambda: goodbye(word="\0"),
            "lost": lambda: goodbye(code=0),
            "code-1000": lambda: goodbye(code=1000),
            "no-reason": lambda: goodbye(reason=""),
            "any-text": lambda: goodbye(word=None),
        },
    )


# 4. Everybody hears


def room(*, sender: bool = True, others: bool = True, copies: int = 1, deaf_after_leave: bool = False) -> Behaviour:
    """Return a server that passes every text on, with that one thing wrong."""
    present: list[WebSocket] = []
    left: list[WebSocket] = []

    async def part(websocket: WebSocket) -> None:
        await websocket.accept()
        present.append(websocket)
        try:
            while True:
                text = await websocket.receive_text()
                hearers = [one for one in present if (sender if one is websocket else others)]
                for hearer in () if deaf_after_leave and left else hearers * copies:
                    await hearer.send_text(text)
        except WebSocketDisconnect:
            pass
        finally:
            present.remove(websocket)
            left.append(websocket)

    return part


@task("testing.4")
async def tests_a_room(context: CheckContext) -> None:
    await run_against_servers(
        context,
        right=[room],
        wrong={
            "only-sender": lambda: room(others=False),
            "only-others": lambda: room(sender=False),
            "twice": lambda: room(copies=2),
            "deaf-after-leave": lambda: room(deaf_after_leave=True),
        },
    )


# 5. At the door


def door(*, empty: bool = False, everyone: bool = False, nobody: bool = False, refusal: str = "close") -> Behaviour:
    """Return a server that lets in who knows the token, with that one thing wrong."""

    async def part(websocket: WebSocket) -> None:
        token = websocket.query_params.get("token")
        if not nobody and (token == "open" or everyone or (empty and token == "")):
            await websocket.accept()
            await websocket.send_text("welcome")
            await websocket.receive()
            return
        if refusal == "crash":
            raise RuntimeError("no such token")
        if refusal == "accept first":
            await websocket.accept()
        await websocket.close(1008)

    return part


@task("testing.5")
async def tests_a_door(context: CheckContext) -> None:
    await run_against_servers(
        context,
        right=[door],
        wrong={
            "everyone": lambda: door(everyone=True),
            "nobody": lambda: door(nobody=True),
            "empty": lambda: door(empty=True),
            "accepted-first": lambda: door(refusal="accept first"),
            "crash": lambda: door(refusal="crash"),
        },
    )
