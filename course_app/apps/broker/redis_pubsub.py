"""`redis://`: PUBLISH and SUBSCRIBE of Redis, Valkey or what else speaks their protocol.

Redis hands a message to whoever is subscribed at that moment and forgets it: at most once.
Source: Redis documentation, "Redis Pub/Sub", section "Delivery semantics".
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from redis.asyncio import Connection, ConnectionPool, Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, RedisError, ResponseError

from course_app.apps.broker.base import Broker, Channel, Message, NotSent, Outgoing
from course_app.apps.broker.errors import BrokerError
from course_app.apps.broker.tasks import race
from course_app.apps.broker.urls import redact, scrub

# A subscriber without a channel is no subscriber to redis-py: this one keeps the line open before anybody joins.
IDLE = "course:idle"


def client(url: str, timeout: float) -> Redis:
    """Return a client for `redis://…` that never repeats a command by itself: a repeated PUBLISH arrives twice."""
    return Redis.from_url(
        url,
        # With RESP3, redis-py 8 no longer notices that the engine hung up on an idle connection.
        protocol=2,
        decode_responses=True,
        encoding_errors="replace",
        socket_connect_timeout=timeout,
        socket_timeout=timeout,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),
    )


def explain(error: BaseException, url: str) -> str | None:
    """Return one line for an error of redis-py or of the network under it."""
    shown = redact(url)
    if isinstance(error, AuthenticationError | AuthorizationError):
        return f"Broker {shown} refused the password: correct the user name or the password in the URL."
    if isinstance(error, ResponseError):
        return f"Broker {shown} refused a command: {scrub(str(error), url)}"
    if isinstance(error, RedisError | OSError | TimeoutError | EOFError):
        return f"Broker {shown} is not reachable ({scrub(str(error), url)}): start it, or correct the URL."
    return None


class RedisBroker(Broker):
    """One connection that publishes, one that is subscribed, per process."""

    engine = "Redis"

    def __init__(self, url: str, **options: Any) -> None:
        """Take `redis://[user:password@]host:port/db`; raises `BrokerError` when it cannot be read."""
        super().__init__(redact(url), **options)
        self._url = url
        try:
            self._redis = client(url.replace("+streams", "", 1), self.timeout)
        except (ValueError, TypeError) as error:
            raise BrokerError(f"Broker URL {self.shown} cannot be read: {scrub(str(error), url)}") from None

    @property
    def _pool(self) -> ConnectionPool:
        return self._redis.connection_pool

    async def listen(self) -> None:
        """Subscribe and unsubscribe on one connection while another task reads it."""
        asked: Counter[str] = Counter()
        async with self._redis.pubsub() as line:
            await line.subscribe(IDLE)
            self.opened()
            await race(self._read(line, asked), self._follow(line, asked))

    async def _follow(self, line: PubSub, asked: Counter[str]) -> None:
        on_line: dict[str, Channel] = {}
        while True:
            new, gone = self.changes(on_line)
            if gone:
                await line.unsubscribe(*gone)
            if new:
                asked.update(new)
                await line.subscribe(*new)
            await self.change()

    async def _read(self, line: PubSub, asked: Counter[str]) -> None:
        while True:
            message = await line.get_message(timeout=None)
            if message is None:
                continue
            if message["type"] == "message":
                self.deliver(Message(message["channel"], message["data"]))
            elif message["type"] == "subscribe":
                name = message["channel"]
                asked[name] -= 1
                if asked[name] == 0:  # an answer to an earlier SUBSCRIBE of the same channel proves nothing
                    self.joined(name)

    async def send(self, batch: list[Outgoing]) -> None:
        """Write all PUBLISH commands, then read all answers."""
        connection = await self._connected()
        try:
            commands = [("PUBLISH", item.channel, item.text) for item in batch]
            await connection.send_packed_command(connection.pack_commands(commands))
            for item in batch:
                await connection.read_response()
                if not item.done.done():
                    item.done.set_result(None)
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        finally:
            await self._pool.release(connection)

    async def _connected(self) -> Connection:
        """Return a connection that was alive just now; raise `NotSent` when there is none to be had."""
        try:
            connection: Connection = await self._pool.get_connection()
            return connection
        except (RedisError, OSError, TimeoutError) as error:
            raise NotSent(explain(error, self._url)) from None

    async def release(self) -> None:
        """Close every connection."""
        await self._redis.aclose()

    def explain(self, error: BaseException) -> str | None:
        """One line for what redis-py raises."""
        return explain(error, self._url)
