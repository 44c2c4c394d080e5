"""`memory://`: a broker within this process, for one worker. It needs no engine."""

from __future__ import annotations

import asyncio

from course_app.apps.broker.base import Broker
from course_app.apps.broker.channels import Channel
from course_app.apps.broker.outbox import Outgoing
from course_app.apps.broker.subscription import Message


class MemoryBroker(Broker):
    """A broker whose engine is this process; each worker has its own, and they do not reach each other."""

    engine = "memory://"

    def __init__(self, url: str = "memory://", **options: float) -> None:
        """Take `memory://`; whatever follows it is ignored."""
        super().__init__("memory://", **options)  # type: ignore[arg-type]

    async def listen(self) -> None:
        """Confirm each new channel at once."""
        self.connected()
        joined: dict[str, Channel] = {}
        while True:
            for name in self._channels.take_changes(joined)[0]:
                self._channels.confirm(name)
            await self._channels.wait_for_change()

    async def send(self, batch: list[Outgoing]) -> None:
        """Deliver each message to the subscriptions in this process."""
        for item in batch:
            self.deliver(Message(item.channel, item.text))
            item.done.set_result(None)
        await asyncio.sleep(0)  # readers get their turn between two batches

    def describe_error(self, error: BaseException) -> str | None:
        """Return None: there is no engine that could fail."""
        return None
