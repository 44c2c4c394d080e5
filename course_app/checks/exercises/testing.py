"""Checks of the exercise `testing`: the learner writes a test; the check runs it against right and wrong servers."""

from __future__ import annotations

import asyncio

from fastapi import WebSocket, WebSocketDisconnect

from ..context import CheckContext
from ..faulty_servers import Behaviour, run_against_servers
from ..registry import task

PROMPT = 0.2  # seconds after which a right server may answer
LATE = 0.9  # seconds after which a wrong server answers; task 2 allows 0.5

# Task 1: an echo is an echo


def echo(
    *, prefix: str = "Message text was: ", strip: bool = False, stuck: bool = False, once: bool = False
) -> Behaviour:
    """Return an echo server with the given fault.

    `prefix`: another one. `strip`: without blanks at both ends. `stuck`: the first text again and again.
    `once`: closed after one reply.
    """

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        first = ""
        async for text in websocket.iter_text():
            first = first or text
            reply = first if stuck else text.strip() if strip else text
            await websocket.send_text(prefix + reply)
            if once:
                await websocket.close()
                return

    return endpoint


@task("testing.1")
async def tests_an_echo(context: CheckContext) -> None:
    """The learner's test passes an echo with the prefix `Message text was: `, and fails each of four wrong ones.

    Wrong: no prefix, closed after one text, the first text again and again, blanks stripped.
    """
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


# Task 2: in time


def echo_after(seconds: float) -> Behaviour:
    """Return an echo server that takes that many seconds for each reply."""

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            await asyncio.sleep(seconds)
            await websocket.send_text(text)

    return endpoint


@task("testing.2")
async def tests_the_time(context: CheckContext) -> None:
    """The learner's test passes an echo that takes 0 s and one that takes 0.2 s, and fails two wrong ones.

    Wrong: an echo that takes 0.9 s, and a server that is in time with another text.
    """
    await run_against_servers(
        context,
        right=[lambda: echo_after(0)],
        slow=[lambda: echo_after(PROMPT)],
        wrong={"late": lambda: echo_after(LATE), "changed": other_text},
        patient=True,
    )


def other_text() -> Behaviour:
    """Return a server that answers at once, with another text than it was sent."""

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(f"{len(text)} characters")

    return endpoint


# Task 3: a close code and a reason


def close_on(code: int = 4000, reason: str = "bye", word: str | None = "quit") -> Behaviour:
    """Return an echo server that closes on the text `word`, or on any text where that is None.

    Code 0 ends the endpoint without a close frame (the client sees 1006).
    """

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            if word in (text, None):
                if code:
                    await websocket.close(code, reason)
                return
            await websocket.send_text(text)

    return endpoint


@task("testing.3")
async def tests_the_close(context: CheckContext) -> None:
    """The learner's test passes a server that closes with 4000 and `bye` on `quit` alone, and fails five wrong ones.

    Wrong: it never closes, loses the connection (1006), closes with 1000, gives no reason, closes on any text.
    """
    await run_against_servers(
        context,
        right=[close_on],
        wrong={
            "stays": lambda: close_on(word="\0"),
            "lost": lambda: close_on(code=0),
            "code-1000": lambda: close_on(code=1000),
            "no-reason": lambda: close_on(reason=""),
            "any-text": lambda: close_on(word=None),
        },
    )


# Task 4: fan-out


def fan_out(*, sender: bool = True, others: bool = True, copies: int = 1, until_first_leave: bool = False) -> Behaviour:
    """Return a server that sends every text to all clients, with the given fault."""
    present: list[WebSocket] = []
    left: list[WebSocket] = []

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        present.append(websocket)
        try:
            while True:
                text = await websocket.receive_text()
                receivers = [one for one in present if (sender if one is websocket else others)]
                for receiver in () if until_first_leave and left else receivers * copies:
                    await receiver.send_text(text)
        except WebSocketDisconnect:
            pass
        finally:
            present.remove(websocket)
            left.append(websocket)

    return endpoint


@task("testing.4")
async def tests_a_fan_out(context: CheckContext) -> None:
    """The learner's test passes a server that sends each text to every client once, and fails four wrong ones.

    Wrong: to the sender only, to the others only, twice, to nobody once a client has left.
    """
    await run_against_servers(
        context,
        right=[fan_out],
        wrong={
            "only-sender": lambda: fan_out(others=False),
            "only-others": lambda: fan_out(sender=False),
            "twice": lambda: fan_out(copies=2),
            "deaf-after-leave": lambda: fan_out(until_first_leave=True),
        },
    )


# Task 5: refused before accept


def token_guard(
    *, empty: bool = False, everyone: bool = False, nobody: bool = False, refusal: str = "close"
) -> Behaviour:
    """Return a server that accepts clients with the token `open` only, with the given fault.

    `empty`, `everyone`, `nobody`: who is accepted instead. `refusal`: `close` before accept (HTTP 403), `accept first`,
    or `crash` (HTTP 500).
    """

    async def endpoint(websocket: WebSocket) -> None:
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

    return endpoint


@task("testing.5")
async def tests_a_refusal(context: CheckContext) -> None:
    """The learner's test passes a server that refuses all tokens but `open` with HTTP 403, and fails five wrong ones.

    Wrong: everyone is accepted, nobody is, an empty token is, the refusal comes after accept, the endpoint raises.
    """
    await run_against_servers(
        context,
        right=[token_guard],
        wrong={
            "everyone": lambda: token_guard(everyone=True),
            "nobody": lambda: token_guard(nobody=True),
            "empty": lambda: token_guard(empty=True),
            "accepted-first": lambda: token_guard(refusal="accept first"),
            "crash": lambda: token_guard(refusal="crash"),
        },
    )
