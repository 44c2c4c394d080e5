"""Clients that leave: in each of the ways in which a WebSocket connection ends."""

from __future__ import annotations

from .context import CheckContext
from .scripted_client import ScriptedClient

_CODES = (1000, 1001, 4321)  # done, a tab that is closed, an application's own (RFC 6455 section 7.4)


async def leave_in_every_way(context: CheckContext, clients: list[ScriptedClient]) -> None:
    """End the connections of these clients: with different close codes, and the last by a TCP reset.

    Which client leaves in which way is random. Four clients show all ways.
    """
    context.random.shuffle(clients)
    for number, client in enumerate(clients):
        if number == len(clients) - 1:
            await client.abort()
        else:
            await client.close(_CODES[number % len(_CODES)])
