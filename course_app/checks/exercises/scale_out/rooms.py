"""Task 2: nobody misses the beginning."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from ...context import CheckContext
from ...registry import task
from ...retries import NOTICED
from ...rules import Rule, is_nothing, text_is, text_starts_with
from ...scripted_client import ScriptedClient
from .practice_workers import ONE_PROCESS, ONLY_ONCE, start_workers

if TYPE_CHECKING:
    from ....serving.server import Server

PAUSE = 0.06  # seconds until the broker confirms a channel: time enough to miss what was announced too early
TOO_EARLY = Rule(is_nothing, "announced-too-early")


class Room:
    """The members of one room, who hear the same: `members` are the clients with their names, in order."""

    def __init__(self, context: CheckContext, name: str, others: Sequence[str]) -> None:
        """Take the room's name, and the names of people who are not in it."""
        self.context = context
        self.name = name
        self.members: list[tuple[ScriptedClient, str]] = []
        self.from_elsewhere = Rule(text_starts_with(*others), "other-room")
        self.last = ""

    async def hear(self, text: str, *rules: Rule) -> None:
        """Expect a text at each member."""
        for client, _ in self.members:
            previous = Rule(text_is(self.last), "left-twice" if self.last.endswith(" left") else "twice")
            await client.expect(text, rules=[*rules, previous, self.from_elsewhere, ONLY_ONCE])
        self.last = text

    async def join(self, lane: str, name: str, server: Server | str) -> ScriptedClient:
        """Connect a client, and expect `joined` first at itself, and at the other members."""
        client = await self.context.connect(lane, f"/rooms/{self.name}/{name}", server=server)
        await client.expect(f"{name} joined", rules=[self.from_elsewhere, TOO_EARLY])
        await self.hear(f"{name} joined", ONE_PROCESS)
        self.last = f"{name} joined"
        self.members.append((client, name))
        return client

    async def say(self, sender: ScriptedClient, name: str, text: str, *rules: Rule) -> None:
        """Send a text as a member, and expect it at each member with the name in front."""
        await sender.send(text)
        await self.hear(f"{name}: {text}", *rules, Rule(text_is(text or "-"), "no-name"), Rule(is_nothing, "not-heard"))

    async def go(self, client: ScriptedClient, name: str, end: Callable[[ScriptedClient], Awaitable[None]]) -> None:
        """End a member's connection, and expect `left` at each other member."""
        self.members = [(one, its_name) for one, its_name in self.members if one is not client]
        await end(client)
        await self.hear(f"{name} left", Rule(is_nothing, "no-farewell"))


async def send_binary_and_go(client: ScriptedClient) -> None:
    """Send a binary frame, which may end the connection, and reset it where it does not."""
    await client.send(b"\x00binary")
    await asyncio.sleep(NOTICED)
    await client.abort_if_open()


@task("scale_out.2")
async def announces_who_joins_and_leaves(context: CheckContext) -> None:
    """`joined`, `left` and `<name>: <text>` reach everybody in a room, on both workers, and nobody in another room.

    The first message of a client is its own `joined`, though the broker takes 0.06 s to confirm a channel.
    Two members may have one name. The other room differs in capitals alone, or has the same name on another broker.
    `left` comes once, after a close with any code, a TCP reset and a binary frame; clients that close leave no
    traceback.
    """
    ada, bob, eve, zoe = [context.name() for _ in range(4)]
    room_name = context.name()
    workers = await start_workers(context, pause=PAUSE)
    room = Room(context, room_name, [eve, zoe])
    other = Room(context, room_name.swapcase(), [ada, bob, zoe])
    far = Room(context, room_name, [ada, bob, eve])
    a = await room.join("A", ada, workers.one)
    c = await other.join("C", eve, workers.one)
    z = await far.join("Z", zoe, workers.elsewhere)
    b = await room.join("B", bob, workers.two)
    d = await room.join("D", ada, workers.two)
    for sender, name in ((a, ada), (b, bob), (d, ada), (a, ada)):
        await room.say(sender, name, context.text())
    await room.say(b, bob, "", Rule(text_is(f"{bob} left"), "closed-on-empty"))
    await other.say(c, eve, context.text())
    await far.say(z, zoe, context.text())
    await room.go(d, ada, lambda client: client.close())
    await room.say(a, ada, context.text())
    await context.expect_no_traceback("not-caught")
    await room.go(b, bob, lambda client: client.abort())
    b = await room.join("E", bob, workers.one)
    await room.go(b, bob, lambda client: client.close(context.random.choice([1001, 3000, 4001])))
    await context.expect_no_traceback("not-caught")
    b = await room.join("F", bob, workers.two)
    await room.go(b, bob, send_binary_and_go)
    await room.say(a, ada, context.text())
    await other.say(c, eve, context.text())
    await far.say(z, zoe, context.text())
