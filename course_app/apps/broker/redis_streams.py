"""`redis+streams://`: Redis keeps the last messages of each channel, so a subscriber that comes back misses nothing.

Each channel is a stream. A subscriber reads on from an id, so a lost connection costs time and no message.
When `publish` has returned, its message is in the stream, where it survives a restart of a Redis with an append-only
file.
Source: Redis documentation, "Redis Streams".
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from redis.exceptions import RedisError

from course_app.apps.broker.base import MIN_BACKOFF
from course_app.apps.broker.channels import Channel
from course_app.apps.broker.errors import NotSent
from course_app.apps.broker.outbox import Outgoing
from course_app.apps.broker.redis_pubsub import RedisBroker, describe_error, make_client
from course_app.apps.broker.subscription import Message, Subscription
from course_app.apps.broker.tasks import race

MAX_MESSAGES = 10_000  # of one channel, approximately: Redis trims whole blocks
EXPIRE_AFTER = 24 * 60 * 60  # seconds after a channel's last message
PAGE_SIZE = 500  # messages in one read
BLOCK_MS = 10_000  # how long an idle read waits
KEY_PREFIX = "course:stream:"

# Adds a message unless an earlier attempt has added it already.
ADD_ONCE = """
for _, entry in ipairs(redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1000)) do
  if entry[2][4] == ARGV[2] then return entry[1] end
end
return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', 'text', ARGV[1], 'try', ARGV[2])
"""


class RedisStreamsBroker(RedisBroker):
    """One connection that adds, one that reads all streams at once, and a short one for each replay."""

    engine = "Redis Streams"
    can_resume = True

    def __init__(self, url: str, **options: Any) -> None:
        """Take `redis+streams://[user:password@]host:port/db`; raises `BrokerError` when it cannot be read."""
        super().__init__(url, **options)
        # An idle read waits for BLOCK_MS milliseconds on purpose.
        self._reader = make_client(url.replace("+streams", "", 1), BLOCK_MS / 1000 + self.timeout)
        self._last_ids: dict[str, str] = {}  # channel: id up to which this process has read

    async def make_subscription(self, channel: str, last_id: str | None) -> Subscription:
        """Begin after `last_id`, or at the present end of the stream."""
        end = await self._retry(lambda: self._redis.xrevrange(KEY_PREFIX + channel, count=1))
        now = end[0][0] if end else "0-0"
        self._last_ids.setdefault(channel, now)

        async def replay(after: str) -> list[Message]:
            entries = await self._retry(
                lambda: self._redis.xrange(KEY_PREFIX + channel, min=f"({after}", count=PAGE_SIZE)
            )
            return [Message(channel, fields["text"], id) for id, fields in entries]

        return Subscription(channel, self._max_queue, replay, after=last_id or now)

    async def _retry(self, ask: Any) -> Any:
        """Call `ask`, which sends a command, until Redis replies; the listening task reports the problem."""
        while True:
            try:
                return await ask()
            except (RedisError, OSError, TimeoutError):
                await asyncio.sleep(4 * MIN_BACKOFF)

    async def listen(self) -> None:
        """Read all streams after their last ids; start the read again when a stream is added."""
        await self._redis.ping()
        self.connected()
        joined: dict[str, Channel] = {}
        while True:
            new, _ = self._channels.take_changes(joined)
            for channel in self._last_ids.keys() - joined.keys():
                del self._last_ids[channel]
            for channel in new:
                self._channels.confirm(channel)
            await race(self._read_streams(list(joined)), self._channels.wait_for_change())

    async def _read_streams(self, channels: list[str]) -> None:
        if not channels:
            await asyncio.Event().wait()
        while True:
            streams: dict[Any, Any] = {KEY_PREFIX + channel: self._last_ids[channel] for channel in channels}
            answer: Any = await self._reader.xread(streams, count=PAGE_SIZE, block=BLOCK_MS)
            for key, entries in answer or ():
                channel = key.removeprefix(KEY_PREFIX)
                for id, fields in entries:
                    self._last_ids[channel] = id
                    self.deliver(Message(channel, fields["text"], id))

    async def send(self, batch: list[Outgoing]) -> None:
        """Add each message; on a second attempt, add it only if the first attempt did not."""
        for item in batch:
            item.idempotency_key = item.idempotency_key or uuid4().hex
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for item in batch:
                    key = KEY_PREFIX + item.channel
                    if item.attempts:
                        pipe.eval(ADD_ONCE, 1, key, item.text, item.idempotency_key, MAX_MESSAGES)
                    else:
                        pipe.xadd(
                            key, {"text": item.text, "try": item.idempotency_key}, maxlen=MAX_MESSAGES, approximate=True
                        )
                    item.attempts += 1
                for channel in {item.channel for item in batch}:
                    pipe.expire(KEY_PREFIX + channel, EXPIRE_AFTER)
                await pipe.execute()
        except (RedisError, OSError, TimeoutError) as error:
            # Safe to try again, so it counts as not sent.
            raise NotSent(describe_error(error, self._url)) from None
        for item in batch:
            if not item.done.done():
                item.done.set_result(None)

    async def close_connections(self) -> None:
        """Close every connection."""
        await self._reader.aclose()
        await super().close_connections()
