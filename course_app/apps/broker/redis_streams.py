"""`redis+streams://`: Redis keeps the last messages of each channel, so a subscriber that comes back misses nothing.

Each channel is a stream. A subscriber reads on from an id, so a broken line costs time and no message.
A message that `publish` returned for is in the stream.
It survives a restart of Redis when Redis writes its append-only file.
Source: Redis documentation, "Redis Streams".
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from redis.exceptions import RedisError

from course_app.apps.broker.base import FIRST_PAUSE, Channel, Message, NotSent, Outgoing, Subscription
from course_app.apps.broker.redis_pubsub import RedisBroker, client, explain
from course_app.apps.broker.tasks import race

KEPT = 10_000  # messages of one channel, about: Redis trims by whole blocks
KEPT_FOR = 24 * 60 * 60  # seconds after a channel's last message
PAGE = 500  # messages read at a time
BLOCK = 10_000  # milliseconds that an idle read waits
PREFIX = "course:stream:"

# Adds a message unless an earlier try has added it already.
ADD_ONCE = """
for _, entry in ipairs(redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1000)) do
  if entry[2][4] == ARGV[2] then return entry[1] end
end
return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', 'text', ARGV[1], 'try', ARGV[2])
"""


class RedisStreamsBroker(RedisBroker):
    """One connection that adds, one that reads all streams at once, and a short one for each replay."""

    engine = "Redis Streams"
    keeps = True

    def __init__(self, url: str, **options: Any) -> None:
        """Take `redis+streams://[user:password@]host:port/db`; raises `BrokerError` when it cannot be read."""
        super().__init__(url, **options)
        # An idle read waits for BLOCK milliseconds on purpose.
        self._reader = client(url.replace("+streams", "", 1), BLOCK / 1000 + self.timeout)
        self._seen: dict[str, str] = {}  # channel: id up to which this process has read

    async def make_subscription(self, channel: str, last_id: str | None) -> Subscription:
        """Begin after `last_id`, or at the stream's end as it is now."""
        end = await self._persist(lambda: self._redis.xrevrange(PREFIX + channel, count=1))
        now = end[0][0] if end else "0-0"
        self._seen.setdefault(channel, now)

        async def replay(after: str) -> list[Message]:
            entries = await self._persist(lambda: self._redis.xrange(PREFIX + channel, min=f"({after}", count=PAGE))
            return [Message(channel, fields["text"], id) for id, fields in entries]

        return Subscription(channel, self._queue, replay, after=last_id or now)

    async def _persist(self, ask: Any) -> Any:
        """Ask until Redis answers; the listening task says why it does not."""
        while True:
            try:
                return await ask()
            except (RedisError, OSError, TimeoutError):
                await asyncio.sleep(4 * FIRST_PAUSE)

    async def listen(self) -> None:
        """Read all streams from where this process left off; start the read again when a stream is added."""
        await self._redis.ping()
        self.opened()
        on_line: dict[str, Channel] = {}
        while True:
            new, _ = self.changes(on_line)
            for channel in self._seen.keys() - on_line.keys():
                del self._seen[channel]
            for channel in new:
                self.joined(channel)
            await race(self._read_streams(list(on_line)), self.change())

    async def _read_streams(self, channels: list[str]) -> None:
        if not channels:
            await asyncio.Event().wait()
        while True:
            streams: dict[Any, Any] = {PREFIX + channel: self._seen[channel] for channel in channels}
            answer: Any = await self._reader.xread(streams, count=PAGE, block=BLOCK)
            for key, entries in answer or ():
                channel = key.removeprefix(PREFIX)
                for id, fields in entries:
                    self._seen[channel] = id
                    self.deliver(Message(channel, fields["text"], id))

    async def send(self, batch: list[Outgoing]) -> None:
        """Add each message; one whose first try ended without an answer is added only if it is not there yet."""
        for item in batch:
            item.mark = item.mark or uuid4().hex
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for item in batch:
                    key = PREFIX + item.channel
                    if item.tries:
                        pipe.eval(ADD_ONCE, 1, key, item.text, item.mark, KEPT)
                    else:
                        pipe.xadd(key, {"text": item.text, "try": item.mark}, maxlen=KEPT, approximate=True)
                    item.tries += 1
                for channel in {item.channel for item in batch}:
                    pipe.expire(PREFIX + channel, KEPT_FOR)
                await pipe.execute()
        except (RedisError, OSError, TimeoutError) as error:
            # Safe to try again, so it counts as not sent.
            raise NotSent(explain(error, self._url)) from None
        for item in batch:
            if not item.done.done():
                item.done.set_result(None)

    async def release(self) -> None:
        """Close every connection."""
        await self._reader.aclose()
        await super().release()
