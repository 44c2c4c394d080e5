"""Messages between processes: one small interface, and four engines that a URL chooses from.

| URL | engine | keeps messages | limit of one message |
|---|---|---|---|
| `memory://` | this process alone | no | 1 MiB |
| `redis://[user:password@]host:port/db` (`rediss://` with TLS) | Redis PUBLISH and SUBSCRIBE | no | 1 MiB |
| `postgresql://user:password@host:port/db` | PostgreSQL NOTIFY and LISTEN | no | 7,999 bytes |
| `redis+streams://…` (`rediss+streams://` with TLS) | Redis Streams | yes, the last 10,000 of a channel | 1 MiB |

    async with open_broker("redis://localhost") as broker:
        async with broker.subscribe("room") as messages:
            await broker.publish("room", "hello")
            async for message in messages:
                print(message.text)

The first three deliver **at most once**: a subscriber that is not connected misses what is published meanwhile.
Streams keep the messages, so a subscriber that comes back reads on after the last id that it has.
On one channel, all subscribers in all processes get the messages in the same order: the engine's.
"""

from __future__ import annotations

from course_app.apps.broker.base import Broker
from course_app.apps.broker.errors import BrokerError, PayloadTooLarge
from course_app.apps.broker.subscription import Message, Subscription
from course_app.apps.broker.urls import open_broker, redact

__all__ = ["Broker", "BrokerError", "Message", "PayloadTooLarge", "Subscription", "open_broker", "redact"]
