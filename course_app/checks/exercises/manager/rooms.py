"""Task 5: rooms."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ...context import CheckContext
from ...received import Received
from ...registry import task
from ...retries import NOTICED, diagnosed, doubling, eventually
from ...rules import Rule, both, has_status, is_closed, is_nothing, is_text, text_contains, text_ends_with, when
from ...scripted_client import ScriptedClient
from .chat_clients import ClientIds, chat_line, departure_line

NOTICE_EVERYWHERE = Rule(text_contains("left the chat"), "notice-everywhere")


class RoomClients:
    """Connects clients to `/ws/<id>?room=…`, each with an id of its own."""

    def __init__(self, context: CheckContext) -> None:
        self.context = context
        self.id_of: dict[str, int] = {}
        self._ids = ClientIds(context)

    async def join(self, name: str, room: str | None) -> ScriptedClient:
        """Connect a client to that room, or without a room where that is None."""
        self.id_of[name] = self._ids.next()
        return await self.context.connect(
            name,
            f"/ws/{self.id_of[name]}" + (f"?room={room}" if room else ""),
            rules=[Rule(when(room is None, has_status(403)), "no-lobby")],
        )

    async def expect_in_room(self, sender: ScriptedClient, *listeners: ScriptedClient, missed: str = "not-all") -> None:
        """Send a random word, and expect it at all `listeners`.

        `missed` is the diagnosis for a listener other than the sender that gets nothing.
        """
        word = self.context.word()
        await sender.send(word)
        for listener in listeners:
            nothing = Rule(is_nothing, "sender-missing" if listener is sender else missed)
            await listener.expect(
                chat_line(self.id_of[sender.name], word),
                rules=[nothing, NOTICE_EVERYWHERE, Rule(text_contains(" says: "), "one-room")],
            )


@task("manager.5")
async def keeps_rooms(context: CheckContext) -> None:
    """A text reaches everybody in its room, the sender too, and nobody else; without a room, a client is in `lobby`.

    When somebody leaves, the others in the room get a notice. `rooms` is answered to its sender alone: the rooms with
    somebody in them, sorted, soon without one that was left by a TCP reset. No client that leaves makes a traceback,
    and a room that was left can be joined again.
    """
    red, blue = context.word(), context.word() + "s"
    chat = RoomClients(context)
    a, b, c = await chat.join("A", red), await chat.join("B", red), await chat.join("C", red)
    d, e = await chat.join("D", blue), await chat.join("E", None)
    for sender, listeners in ((a, (a, b, c)), (d, (d,)), (e, (e,)), (b, (a, b, c))):
        await chat.expect_in_room(sender, *listeners)
    await expect_rooms(e, ["lobby", red, blue], "rooms-wrong")
    await c.close()
    for client in (a, b):
        await client.expect(
            departure_line(chat.id_of["C"]), rules=[Rule(is_nothing, "no-notice"), Rule(is_closed, "kicked")]
        )
    await chat.expect_in_room(b, a, b, missed="room-gone")
    await chat.expect_in_room(d, d, missed="room-gone")
    await d.abort()
    await asyncio.sleep(NOTICED)
    await eventually(
        lambda: expect_rooms(e, ["lobby", red], "ghost-room"), doubling(context.patience / 2), diagnosed("ghost-room")
    )
    await context.expect_no_traceback("not-caught")
    f = await chat.join("F", blue)
    await chat.expect_in_room(f, f, missed="room-gone")
    await chat.expect_in_room(a, a, b, missed="room-gone")


async def expect_rooms(client: ScriptedClient, rooms: Sequence[str], too_many: str) -> None:
    """Ask for the rooms, and expect these, sorted; `too_many` is the diagnosis for more of them."""

    def is_unsorted(got: Received) -> bool:
        return sorted((got.text or "").split()) == sorted(rooms)

    def has_more(got: Received) -> bool:
        return set((got.text or "").split()) > set(rooms)

    await client.send("rooms")
    await client.expect(
        " ".join(sorted(rooms)),
        rules=[
            Rule(is_nothing, "no-rooms"),
            Rule(text_ends_with("says: rooms"), "rooms-broadcast"),
            NOTICE_EVERYWHERE,
            Rule(both(is_text, is_unsorted), "not-sorted"),
            Rule(both(is_text, has_more), too_many),
            Rule(is_text, "rooms-wrong"),
        ],
    )
