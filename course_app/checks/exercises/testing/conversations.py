"""Tasks 1 to 4: tests of what a server says, when it says it, to whom, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi import WebSocket, WebSocketDisconnect

from ...context import CheckContext
from ...faulty_servers import Behaviour, mark, run_against_servers
from ...registry import task

PREFIX = "Message text was: "
PROMPT = 0.2  # seconds after which a right server may answer
LATE = 0.9  # seconds after which a wrong server answers; task 2 allows 0.5
WAITED = "the test was still connected when the late reply came"

# Task 1: an echo is an echo


def echo(reply: Callable[[str], str | bytes] = PREFIX.__add__, *, copies: int = 1, stuck: bool = False) -> Behaviour:
    """Return an echo server that says `reply(text)`, `copies` times.

    `stuck`: the reply to the first text again and again.
    """

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        first = ""
        async for text in websocket.iter_text():
            first = first or text
            said = reply(first if stuck else text)
            if said != PREFIX + text or copies != 1:
                mark(websocket)
            for _ in range(copies):
                await (websocket.send_bytes(said) if isinstance(said, bytes) else websocket.send_text(said))

    return endpoint


def echo_once() -> Behaviour:
    """Return an echo server that closes after one reply."""

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(PREFIX + await websocket.receive_text())
        mark(websocket)
        await websocket.close()

    return endpoint


@task("testing.1")
async def tests_an_echo(context: CheckContext) -> None:
    """The learner's test passes an echo with the prefix `Message text was: `, and fails each wrong one.

    Wrong: no prefix or another one, closed after one text, the first text again and again, blanks stripped, something
    after the text, a binary frame, two replies.
    """
    await run_against_servers(
        context,
        right=[echo],
        wrong={
            "plain": [lambda: echo(str)],
            "once": [echo_once],
            "stuck": [lambda: echo(stuck=True)],
            "not-equal": [
                lambda: echo(lambda text: f"{PREFIX}{text}!"),
                lambda: echo(lambda text: PREFIX.lower() + text),
                lambda: echo(lambda text: f"> {PREFIX}{text}"),
                lambda: echo(lambda text: (PREFIX + text).encode()),
            ],
            "spaces": [
                lambda: echo(lambda text: PREFIX + text.strip()),
                lambda: echo(lambda text: PREFIX + text.lstrip()),
                lambda: echo(lambda text: PREFIX + text.rstrip()),
            ],
            "twice": [lambda: echo(copies=2)],
        },
    )


# Task 2: in time


def echo_after(seconds: float) -> Behaviour:
    """Return an echo server that takes that many seconds for each reply."""

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            await asyncio.sleep(min(seconds, PROMPT))
            if seconds > PROMPT:
                mark(websocket)
                await asyncio.sleep(seconds - PROMPT)
            try:
                await websocket.send_text(text)
            except (WebSocketDisconnect, RuntimeError):
                return
            if seconds > PROMPT:
                mark(websocket, WAITED)

    return endpoint


def other_text(reply: Callable[[str], str | bytes]) -> Behaviour:
    """Return a server that answers at once, with `reply(text)`, which is another text than it was sent."""

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            mark(websocket)
            said = reply(text)
            await (websocket.send_bytes(said) if isinstance(said, bytes) else websocket.send_text(said))

    return endpoint


@task("testing.2")
async def tests_the_time(context: CheckContext) -> None:
    """The learner's test passes an echo that takes 0 s and one that takes 0.2 s, and fails the wrong ones.

    Wrong: an echo that takes 0.9 s, and servers that are in time with another text or with a binary frame.
    The test gives up before the late reply comes.
    """
    results = await run_against_servers(
        context,
        right=[lambda: echo_after(0)],
        slow=[lambda: echo_after(PROMPT)],
        wrong={
            "late": [lambda: echo_after(LATE)],
            "changed": [
                lambda: other_text(lambda text: f"{len(text)} characters"),
                lambda: other_text(lambda text: f"{text} {text}"),
                lambda: other_text(str.encode),
            ],
        },
        patient=True,
    )
    for result in results["late"]:
        if WAITED in result.marks:
            result.fail(context, "not-bounded")


# Task 3: a close code and a reason


def close_on(
    code: int = 4000, reason: str = "bye", *, word: str | None = "quit", reply: Callable[[str], str] = str
) -> Behaviour:
    """Return a server that closes on the text `word`, or on any text where that is None, and else says `reply(text)`.

    Code 0 ends the endpoint without a close frame (the client sees 1006).
    """

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            closes = word in (text, None)
            if closes is not (text == "quit") or (closes and (code, reason) != (4000, "bye")):
                mark(websocket)
            if closes:
                if code:
                    await websocket.close(code, reason)
                return
            if reply(text) != text:
                mark(websocket)
            await websocket.send_text(reply(text))

    return endpoint


@task("testing.3")
async def tests_the_close(context: CheckContext) -> None:
    """The learner's test passes a server that closes with 4000 and `bye` on `quit` alone, and fails the wrong ones.

    Wrong: it never closes, loses the connection (1006), closes with 1000 or 4001, gives no reason or another one,
    closes on any text, answers another text than it was sent.
    """
    await run_against_servers(
        context,
        right=[close_on],
        wrong={
            "stays": [lambda: close_on(word="\0")],
            "lost": [lambda: close_on(code=0)],
            "code-1000": [lambda: close_on(code=1000)],
            "code-4001": [lambda: close_on(code=4001)],
            "no-reason": [lambda: close_on(reason="")],
            "other-reason": [lambda: close_on(reason="goodbye"), lambda: close_on(reason="Bye")],
            "any-text": [lambda: close_on(word=None)],
            "not-echoed": [lambda: close_on(reply=lambda text: f"You said {text}")],
        },
    )


# Task 4: fan-out


def fan_out(
    *,
    sender: bool = True,
    others: bool = True,
    sender_copies: int = 1,
    other_copies: int = 1,
    reply: Callable[[str], str] = str,
    until_first_leave: bool = False,
) -> Behaviour:
    """Return a server that sends every text to all clients, with the given fault."""
    present: list[WebSocket] = []
    left: list[WebSocket] = []
    right = sender and others and sender_copies == other_copies == 1

    async def spread(websocket: WebSocket, text: str) -> None:
        deaf = until_first_leave and bool(left)
        if deaf or reply(text) != text or not (right or (sender and sender_copies == 1 and len(present) == 1)):
            mark(websocket)
        for receiver in [] if deaf else list(present):
            is_sender = receiver is websocket
            if sender if is_sender else others:
                for _ in range(sender_copies if is_sender else other_copies):
                    await receiver.send_text(reply(text))

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        present.append(websocket)
        try:
            while True:
                await spread(websocket, await websocket.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            present.remove(websocket)
            left.append(websocket)

    return endpoint


@task("testing.4")
async def tests_a_fan_out(context: CheckContext) -> None:
    """The learner's test passes a server that sends each text to every client once, and fails the wrong ones.

    Wrong: to the sender only, to the others only, twice to all or to the others, another text, to nobody once a client
    has left.
    """
    await run_against_servers(
        context,
        right=[fan_out],
        wrong={
            "only-sender": [lambda: fan_out(others=False)],
            "only-others": [lambda: fan_out(sender=False)],
            "twice": [
                lambda: fan_out(sender_copies=2, other_copies=2),
                lambda: fan_out(sender_copies=2),
                lambda: fan_out(other_copies=2),
            ],
            "deaf-after-leave": [lambda: fan_out(until_first_leave=True)],
            "changed": [lambda: fan_out(reply=lambda text: f"{text}!")],
        },
    )
