"""`practice://name`: an engine inside this process, which all brokers of that name share, and which keeps messages.

Two servers in one process stand for two workers, so that an exercise needs no engine.
Like a real one, it needs some time to confirm a channel: `practice://name?pause=0.05` sets the seconds.
`&limit=100` sets the largest message, in bytes.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from weakref import WeakSet, WeakValueDictionary

from course_app.apps.broker.base import Broker
from course_app.apps.broker.channels import Channel
from course_app.apps.broker.errors import BrokerError
from course_app.apps.broker.outbox import Outgoing
from course_app.apps.broker.subscription import Message, Subscription

PAUSE = 0.01  # seconds


@dataclass(eq=False)
class Engine:
    """The state of the engine: the messages of each channel, and the brokers that are connected."""

    messages: dict[str, list[Message]] = field(default_factory=dict)
    brokers: WeakSet[PracticeBroker] = field(default_factory=WeakSet)

    def add(self, channel: str, text: str) -> None:
        """Keep a message and hand it to every broker that has joined its channel."""
        kept = self.messages.setdefault(channel, [])
        kept.append(Message(channel, text, f"{len(kept) + 1}-0"))
        for broker in tuple(self.brokers):
            if channel in broker.confirmed_channels:
                broker.deliver(kept[-1])

    def after(self, channel: str, last_id: str) -> list[Message]:
        """Return the messages of a channel after that id."""
        return self.messages.get(channel, [])[int(last_id.partition("-")[0] or 0) :]


_engines: WeakValueDictionary[str, Engine] = WeakValueDictionary()


class PracticeBroker(Broker):
    """A broker on the engine of that name."""

    engine = "practice://"
    can_resume = True

    def __init__(self, url: str, **options: Any) -> None:
        """Take `practice://name`; raises `BrokerError` when there is no name, or an option is no number."""
        super().__init__(url, **options)
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        if not parts.netloc:
            raise BrokerError("practice:// needs a name, such as practice://room")
        try:
            self._pause = float(query.get("pause", [PAUSE])[0])
            self.max_bytes = int(query.get("limit", [self.max_bytes])[0])
        except ValueError:
            raise BrokerError(f"{url}: pause and limit are numbers") from None
        self._engine = _engines.setdefault(parts.netloc, Engine())
        self._engine.brokers.add(self)
        self.confirmed_channels: set[str] = set()

    async def make_subscription(self, channel: str, last_id: str | None) -> Subscription:
        """Begin after `last_id`; without one, with the first message after the channel is joined."""
        if last_id is None:
            return Subscription(channel, self._max_queue)

        async def replay(after: str) -> list[Message]:
            return self._engine.after(channel, after)

        return Subscription(channel, self._max_queue, replay, after=last_id)

    async def listen(self) -> None:
        """Confirm new channels after a pause."""
        self.connected()
        joined: dict[str, Channel] = {}
        while True:
            new, gone = self._channels.take_changes(joined)
            self.confirmed_channels.difference_update(gone)
            if new:
                await asyncio.sleep(self._pause)
            for name in new:
                self.confirmed_channels.add(name)
                self._channels.confirm(name)
            await self._channels.wait_for_change()

    async def send(self, batch: list[Outgoing]) -> None:
        """Hand each message to the engine."""
        for item in batch:
            self._engine.add(item.channel, item.text)
            item.done.set_result(None)
        await asyncio.sleep(0)

    async def close_connections(self) -> None:
        """Disconnect from the engine."""
        self._engine.brokers.discard(self)

    def describe_error(self, error: BaseException) -> str | None:
        """Return None: there is no engine that could fail."""
        return None
