"""The servers of one answer that a check of this exercise uses, and the rules that its tasks share.

The broker is `practice://name?…` of `course_app.apps.broker`, inside the answer's process.
Two servers of one answer stand for two workers; a third one has a broker of another name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...context import CheckContext
from ...rules import Rule, is_closed, is_nothing
from ...scripted_client import ScriptedClient

if TYPE_CHECKING:
    from ....serving.server import Server

SUBSCRIBED = 0.02  # seconds in which an endpoint that accepts first has joined a channel that is confirmed at once
ONLY_ONCE = Rule(is_closed, "only-once")
ONE_PROCESS = Rule(is_nothing, "one-process")


@dataclass(frozen=True)
class Workers:
    """Two servers on one broker, whose URLs are spelt differently, and one on another broker."""

    one: Server | str
    two: Server | str
    elsewhere: Server | str


async def start_workers(context: CheckContext, pause: float = 0.0, limit: int = 0) -> Workers:
    """Call the learner's function for three servers. `pause` and `limit` are those of the practice broker."""
    options = f"pause={pause}" + (f"&limit={limit}" if limit else "")
    name, other = context.name().lower(), context.name().lower()
    urls = [f"practice://{name}?{options}", f"practice://{name}?{options}&worker=2", f"practice://{other}?{options}"]
    one, two, elsewhere = [(await context.workers(1, url))[0] for url in urls]
    return Workers(one, two, elsewhere)


async def leave(context: CheckContext, *clients: ScriptedClient) -> None:
    """Close each connection, and expect that no endpoint raises and that each one ends."""
    for client in clients:
        if client.is_open:
            await client.close()
    await context.expect_endpoints_ended("not-caught")
