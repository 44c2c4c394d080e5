"""Task 5: rooms."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ...context import CheckContext
from ...received import Received
from ...registry import task
from ...retries import NOTICED, diagnosed, doubling, eventually
from ...rules import (
    Rule,
    both,
    has_status,
    is_closed,
    is_nothing,
    is_text,
    neither,
    text_contains,
    text_ends_with,
    when,
)
from ...scripted_client import ScriptedClient
from .chat_clients import ClientIds, chat_line, departure_line

NOTICE_EVERYWHERE = Rule(text_contains("left the chat"), "notice-everywhere")


class RoomClients:
    """Connects clients to `/ws/<id>?room=…`, each with an id of its own unless told otherwise."""

    def __init__(self, context: CheckContext) -> None:
        self.context = context
        self.id_of: dict[str, int] = {}
        self._ids = ClientIds(context)

    async def join(self, name: str, room: str | None, same_as: str = "") -> ScriptedClient:
        """Connect a client to that room, or without a room where that is None, with the id of `same_as` if given."""
        self.id_of[name] = self.id_of[same_as] if same_as else self._ids.next()
        return await self.context.connect(
            name,
            f"/ws/{self.id_of[name]}" + (f"?room={room}" if room else ""),
            rules=[Rule(when(room is None, has_status(403, 422)), "no-lobby")],
        )

    async def expect_in_room(
        self, sender: ScriptedClient, *listeners: ScriptedClient, texts: Sequence[str] = (), missed: str = "not-all"
    ) -> None:
        """Send `texts` at once, by default a random one, and expect them at all `listeners`.

        `missed` is the diagnosis for a listener other than the sender that gets nothing.
        """
        texts = texts or [self.context.text()]
        for text in texts:
            await sender.send(text)
        for listener in listeners:
            for number, text in enumerate(texts):
                nothing = "burst" if number else "sender-missing" if listener is sender else missed
                if missed == "not-all" and list(self.id_of.values()).count(self.id_of[listener.name]) > 1:
                    nothing = "second-tab"
                await listener.expect(
                    chat_line(self.id_of[sender.name], text),
                    rules=[
                        Rule(is_nothing, nothing),
                        NOTICE_EVERYWHERE,
                        Rule(both(text_contains(" says: "), neither(text_contains(text))), "one-room"),
                        Rule(when("rooms" in text.lower(), neither(text_contains(" says: "))), "not-the-question"),
                    ],
                )

    async def expect_notice(self, gone: ScriptedClient, *stay: ScriptedClient) -> None:
        """Expect the notice that `gone` has left at each of those that stay."""
        for client in stay:
            await client.expect(
                departure_line(self.id_of[gone.name]), rules=[Rule(is_nothing, "no-notice"), Rule(is_closed, "kicked")]
            )


def room_names(context: CheckContext) -> tuple[str, str]:
    """Return two names of rooms, with capitals, whose order among each other and `lobby` is the same in lower case."""
    while True:
        names = context.name(), context.name()
        together = [*names, "lobby"]
        if sorted(together) == sorted(together, key=str.lower) and len({name.lower() for name in together}) == 3:
            return names


@task("manager.5")
async def keeps_rooms(context: CheckContext) -> None:
    """A text reaches everybody in its room, the sender too, and nobody else; without a room, a client is in `lobby`.

    When somebody leaves, by a close with 1000 or a TCP reset, the others in the room get a notice. `rooms` alone is a
    question, answered to its sender alone: the rooms with somebody in them, sorted, soon without one that was left.
    A client id may be in use twice. No client that leaves makes a traceback, and a room that was left can be joined
    again.
    """
    red, blue = room_names(context)
    chat = RoomClients(context)
    a, b, c = await chat.join("A", red), await chat.join("B", red), await chat.join("C", red)
    d, e = await chat.join("D", blue), await chat.join("E", None)
    for sender, listeners in ((a, (a, b, c)), (d, (d,)), (e, (e,)), (b, (a, b, c))):
        await chat.expect_in_room(sender, *listeners)
    await expect_rooms(e, ["lobby", red, blue], "rooms-wrong")
    await chat.expect_in_room(a, a, b, c, texts=[context.text(), "", context.text(), "rooms?", "Rooms", " rooms"])
    twin, other_twin = await chat.join("A's second tab", red, "A"), await chat.join("A in another room", blue, "A")
    f = await chat.join("F", "lobby")
    everybody = ((a, b, c, twin), (d, other_twin), (e, f))
    await expect_in_all_rooms(context, chat, everybody)
    await expect_rooms(context.random.choice((a, b)), ["lobby", red, blue], "rooms-wrong")
    await c.close()
    await chat.expect_notice(c, a, b, twin)
    await chat.expect_in_room(b, a, b, twin, missed="room-gone")
    await twin.abort()
    await chat.expect_notice(twin, a, b)
    await expect_in_all_rooms(context, chat, ((b, a), (other_twin, d), (f, e)), missed="room-gone")
    await other_twin.close()
    await chat.expect_notice(other_twin, d)
    await chat.expect_in_room(d, d, missed="room-gone")
    await d.abort()
    await asyncio.sleep(NOTICED)
    await eventually(
        lambda: expect_rooms(e, ["lobby", red], "ghost-room"), doubling(context.patience / 2), diagnosed("ghost-room")
    )
    await context.expect_no_traceback("not-caught")
    g = await chat.join("G", blue)
    await chat.expect_in_room(g, g, missed="room-gone")
    await expect_rooms(g, ["lobby", red, blue], "rooms-wrong")
    await chat.expect_in_room(a, a, b, missed="room-gone")


async def expect_in_all_rooms(
    context: CheckContext, chat: RoomClients, rooms: Sequence[Sequence[ScriptedClient]], missed: str = "not-all"
) -> None:
    """Let the first client of each room speak at the same time, and expect its texts at all clients of the room."""
    await asyncio.gather(
        *(
            chat.expect_in_room(room[0], *room, texts=[context.text(), context.text()], missed=missed)
            for room in context.random.sample(rooms, len(rooms))
        )
    )


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
