"""Clients of the exercise's chat, and the expectation that a broadcast reaches several of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from ....display.events import RECEIVED
from ...context import CheckContext
from ...received import Received, data_frame_line, show
from ...scripted_client import ScriptedClient

FILLER = 800_000  # bytes; more than the socket buffers of a checked server hold for a client that does not read
LISTED = 0.1  # seconds for which the setup cell's endpoint keeps a client listed that has left
MARGIN = 0.05  # seconds

Diagnose = Callable[[Mapping[str, Received], Sequence[str]], str | None]
"""Names what is wrong with a broadcast, or None, from what each client got and the names of those who missed it."""


def chat_line(client_id: int, text: str) -> str:
    """Return the text in which the chat passes on what a client said."""
    return f"Client #{client_id} says: {text}"


def departure_line(client_id: int) -> str:
    """Return the text in which the chat tells that a client has left."""
    return f"Client #{client_id} left the chat"


class ClientIds:
    """Random client ids, none of them twice."""

    def __init__(self, context: CheckContext) -> None:
        self._context = context
        self._used: set[int] = set()

    def next(self) -> int:
        """Return an id that was not returned before."""
        number = self._context.number()
        while number in self._used:
            number = self._context.number()
        self._used.add(number)
        return number


class ChatClients:
    """Connects clients to `/ws/<id>`, each with an id of its own."""

    def __init__(self, context: CheckContext) -> None:
        self.context = context
        self._ids = ClientIds(context)
        self._id_of: dict[str, int] = {}

    async def connect(self, *names: str) -> list[ScriptedClient]:
        """Connect one client for each name, in order."""
        clients = []
        for name in names:
            clients.append(await self._connect(name, self._ids.next()))
        return clients

    async def second_tab(self, client: ScriptedClient, name: str) -> ScriptedClient:
        """Connect another client with the id of `client`."""
        return await self._connect(name, self._id_of[client.name])

    async def _connect(self, name: str, client_id: int) -> ScriptedClient:
        self._id_of[name] = client_id
        return await self.context.connect(name, f"/ws/{client_id}", max_size=None)

    async def say(self, client: ScriptedClient, text: str = "") -> str:
        """Send `text`, or a random one, from `client`, and return the text that the others have to get."""
        text = text or self.context.text()
        await client.send(text)
        return chat_line(self._id_of[client.name], text)


async def expect_at_all(
    context: CheckContext, text: str, listeners: Sequence[ScriptedClient], diagnose: Diagnose
) -> None:
    """Expect that text next at all `listeners`; they are asked at the same time.

    Raises CheckFailed with what `diagnose` returns where somebody missed it, or with `waited`, `lost`, `closed` or
    `wrong-frame` for the first of them. A text can use the fields `missed` and `heard`, which are names.
    """
    for listener in listeners:
        context.expected.add(listener.name, RECEIVED, data_frame_line(text))
    found = await asyncio.gather(*(listener.receive() for listener in listeners))
    got = {listener.name: one for listener, one in zip(listeners, found, strict=True)}
    missed = [name for name, one in got.items() if one.text != text]
    if not missed:
        return
    diagnosis = diagnose(got, missed)
    first = got[missed[0]]
    if diagnosis is None and first.nothing:
        context.fail_waiting("waited", who=missed[0], expected=show(text))
    if diagnosis is None:
        diagnosis = (
            "lost" if first.lost else "closed" if first.closed else "wrong-kind" if first.data else "wrong-frame"
        )
    await _fail(context, diagnosis, missed, got, text)


async def _fail(
    context: CheckContext, diagnosis: str, missed: Sequence[str], got: Mapping[str, Received], text: str
) -> NoReturn:
    heard = [name for name in got if name not in missed]
    await context.fail_for(
        got[missed[0]],
        diagnosis,
        who=missed[0],
        expected=show(text),
        missed=", ".join(missed),
        heard=", ".join(heard) or "nobody",
    )
