"""`practice://name`: an engine inside this process that every broker of that name shares, and that keeps messages.

Two servers in one process stand for two workers, so that an exercise needs no engine.
Like a real one, it takes its time to confirm a channel: `practice://name?pause=0.05` sets the seconds.
`&limit=100` sets the bytes of one message.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from weakref import WeakSet, WeakValueDictionary

from course_app.apps.broker.base import Broker, Channel, Message, Outgoing, Subscription
from course_app.apps.broker.errors import BrokerError

PAUSE = 0.01  # seconds


@dataclass(eq=False)
class Engine:
    """What a server of Redis would hold: the messages of each channel, and who is on the line."""

    kept: dict[str, list[Message]] = field(default_factory=dict)
    lines: WeakSet[PracticeBroker] = field(default_factory=WeakSet)

    def add(self, channel: str, text: str) -> None:
        """Keep a message and hand it to every process that has joined its channel."""
        kept = self.kept.setdefault(channel, [])
        kept.append(Message(channel, text, f"{len(kept) + 1}-0"))
        for line in tuple(self.lines):
            if channel in line.confirmed_channels:
                line.deliver(kept[-1])

    def after(self, channel: str, last_id: str) -> list[Message]:
        """Return what was kept after that id."""
        return self.kept.get(channel, [])[int(last_id.partition("-")[0] or 0) :]


_engines: WeakValueDictionary[str, Engine] = WeakValueDictionary()


class PracticeBroker(Broker):
    """One process's line to the engine of that name."""

    engine = "practice://"
    keeps = True

    def __init__(self, url: str, **options: Any) -> None:
        """Take `practice://name`; raises `BrokerError` when there is no name, or an option is no number."""
        super().__init__(url, **options)
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        if not parts.netloc:
            raise BrokerError("practice:// needs a name, such as practice://room")
        try:
            self._pause = float(query.get("pause", [PAUSE])[0])
            self.limit = int(query.get("limit", [self.limit])[0])
        except ValueError:
            raise BrokerError(f"{url}: pause and limit are numbers") from None
        self._engine = _engines.setdefault(parts.netloc, Engine())
        self._engine.lines.add(self)
        self.confirmed_channels: set[str] = set()

    async def make_subscription(self, channel: str, last_id: str | None) -> Subscription:
        """Begin after `last_id`; without one, with the first message after the channel is joined."""
        if last_id is None:
            return Subscription(channel, self._queue)

        async def replay(after: str) -> list[Message]:
            return self._engine.after(channel, after)

        return Subscription(channel, self._queue, replay, after=last_id)

    async def listen(self) -> None:
        """Join and leave what is asked for, each time after a pause."""
        self.opened()
        on_line: dict[str, Channel] = {}
        while True:
            new, gone = self.changes(on_line)
            self.confirmed_channels.difference_update(gone)
            if new:
                await asyncio.sleep(self._pause)
            for name in new:
                self.confirmed_channels.add(name)
                self.joined(name)
            await self.change()

    async def send(self, batch: list[Outgoing]) -> None:
        """Hand each message to the engine."""
        for item in batch:
            self._engine.add(item.channel, item.text)
            item.done.set_result(None)
        await asyncio.sleep(0)

    async def release(self) -> None:
        """Leave the engine."""
        self._engine.lines.discard(self)

    def explain(self, error: BaseException) -> str | None:
        """There is no engine that could fail."""
        return None
