"""`memory://`: everybody in this process, and nobody else. Nothing to install, nothing to start."""

from __future__ import annotations

import asyncio

from course_app.apps.broker.base import Broker, Channel, Message, Outgoing


class MemoryBroker(Broker):
    """A broker whose engine is this process; with two workers, each has its own."""

    engine = "memory://"

    def __init__(self, url: str = "memory://", **options: float) -> None:
        """Take the URL, which says all there is to say."""
        super().__init__("memory://", **options)  # type: ignore[arg-type]

    async def listen(self) -> None:
        """Join whatever is asked for, at once."""
        self.opened()
        on_line: dict[str, Channel] = {}
        while True:
            for name in self.changes(on_line)[0]:
                self.joined(name)
            await self.change()

    async def send(self, batch: list[Outgoing]) -> None:
        """Deliver each message to this process."""
        for item in batch:
            self.deliver(Message(item.channel, item.text))
            item.done.set_result(None)
        await asyncio.sleep(0)  # readers get their turn between two batches

    def explain(self, error: BaseException) -> str | None:
        """There is no engine that could fail."""
        return None
