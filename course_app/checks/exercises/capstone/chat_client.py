"""A client of the chat protocol (JSON objects with a `type`), and what the checks of several tasks share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...context import CheckContext
from ...received import Received
from ...rules import Predicate, Rule, field_in
from ...scripted_client import ScriptedClient

MESSAGE_LIMIT = 65_536  # bytes of one message
REPLAYED = 10  # messages that a newcomer gets
PER_SECOND = 20  # messages that one client may send


def random_name(context: CheckContext) -> str:
    """Return a name for a member or a room that no check before has used: the app remembers its rooms."""
    return f'{context.word()}"{context.number()}'


# What came: predicates, and fields


def message_type(got: Received) -> Any:
    """Return the value of `type`, None where there is none."""
    return got.json_object.get("type")


def has_type(*types: str) -> Predicate:
    """Return a predicate for a JSON object of one of these types."""
    return field_in("type", types)


is_notice = has_type("joined", "left")
is_said = has_type("said")
is_error = has_type("error")
is_welcome = has_type("welcome")


def said_id(got: Received) -> int:
    """Return the id of a `said`, 0 where there is none."""
    number = got.json_object.get("id")
    return number if is_said(got) and isinstance(number, int) else 0


def said_id_in(first: int, last: int) -> Predicate:
    """Return a predicate for a `said` with an id from `first` to `last`."""
    return lambda got: first <= said_id(got) <= last and said_id(got) > 0


def said_id_above(number: int) -> Predicate:
    """Return a predicate for a `said` with an id above `number`."""
    return lambda got: said_id(got) > number


def members_present(got: Received) -> list[Any]:
    """Return the value of `present`, an empty list where it is none."""
    found = got.json_object.get("present")
    return found if isinstance(found, list) else []


WELCOME_RULES = [
    Rule(has_type("said", "did"), "before-welcome"),
    Rule(is_notice, "own-notice"),
    Rule(lambda got: not is_welcome(got), "no-welcome"),
]
"""What comes instead of a welcome. The last rule applies to anything but a welcome, nothing and a close included."""


class ChatClient:
    """A client of the chat, and the name under which it joins.

    `client` is the scripted client below, for what is no message of the protocol.
    """

    def __init__(self, context: CheckContext, client: ScriptedClient, name: str) -> None:
        self.context = context
        self.client = client
        self.name = name

    async def send(self, **message: Any) -> None:
        """Send the keyword arguments as one JSON object."""
        await self.client.send_json(message)

    async def join(self, room: str, name: str = "", **fields: Any) -> None:
        """Send a `join`, under `name` from now on where one is given; `fields` are further ones, such as `last`."""
        self.name = name or self.name
        await self.send(type="join", room=room, name=self.name, **fields)

    async def say(self, text: str) -> None:
        """Send a `say`."""
        await self.send(type="say", text=text)

    async def say_words(self, count: int) -> None:
        """Send that many random words, one after another."""
        for word in self.context.words(count):
            await self.say(word)

    async def expect(self, *, rules: Sequence[Rule] = (), skip: Predicate = is_notice, **fields: Any) -> Received:
        """Expect a JSON object with these fields, and return it; what meets `skip`, and no rule, is passed over.

        Raises CheckFailed as `ScriptedClient.expect_object` does.
        """
        return await self.client.expect_object(fields, skip=skip, rules=rules)

    async def next_but_notices(self) -> Received:
        """Return whatever comes next that is neither `joined` nor `left`."""
        while is_notice(got := await self.client.receive()):
            pass
        return got


async def connect(context: CheckContext, lane: str) -> ChatClient:
    """Connect a client with a random name, which joins no room yet. `lane` is its name in the transcripts."""
    return ChatClient(context, await context.connect(lane, "/ws", max_size=None), random_name(context))


async def connect_and_join(context: CheckContext, lane: str, room: str, **fields: Any) -> ChatClient:
    """Connect a client, let it join the room, and expect its welcome. `fields` are further ones of the `join`."""
    client = await connect(context, lane)
    await client.join(room, **fields)
    await client.expect(type="welcome", rules=WELCOME_RULES)
    return client


async def connect_members(context: CheckContext, room: str, *lanes: str) -> list[ChatClient]:
    """Connect a client for each lane, let them join the room in order, and expect their welcomes."""
    return [await connect_and_join(context, lane, room) for lane in lanes]


async def expect_said(
    sender: ChatClient,
    listeners: Sequence[ChatClient],
    number: int,
    rules: Sequence[Rule] = (),
    text: str | None = None,
) -> str:
    """Let `sender` say a text, a random one by default, expect it at all `listeners` under that id, and return it."""
    word = sender.context.text() if text is None else text
    await sender.say(word)
    for listener in listeners:
        await listener.expect(type="said", id=number, name=sender.name, text=word, rules=rules)
    return word
