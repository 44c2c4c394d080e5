"""Carry messages between processes: one small interface, four engines, chosen by one URL.

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

The first three deliver **at most once**: what is published while a subscriber has no line to the engine is gone for it.
Streams keep what was published, so a subscriber that comes back reads on from the last id it saw.
On one channel, every subscriber in every process sees messages in the same order: the engine's.
"""

from __future__ import annotations

from course_app.apps.broker.base import Broker, BrokerError, Message, PayloadTooLarge, Subscription
from course_app.apps.broker.urls import open_broker, redact

__all__ = ["Broker", "BrokerError", "Message", "PayloadTooLarge", "Subscription", "open_broker", "redact"]
