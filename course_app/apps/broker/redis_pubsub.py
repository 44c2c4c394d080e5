"""`redis://`: PUBLISH and SUBSCRIBE of Redis, of Valkey, or of any server with their protocol.

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

from course_app.apps.broker.base import Broker
from course_app.apps.broker.channels import Channel
from course_app.apps.broker.errors import BrokerError, NotSent
from course_app.apps.broker.outbox import Outgoing
from course_app.apps.broker.subscription import Message
from course_app.apps.broker.tasks import race
from course_app.apps.broker.urls import redact, redact_text

# redis-py connects a subscriber only with a channel: this one keeps the connection open before a client joins.
IDLE_CHANNEL = "course:idle"


def make_client(url: str, timeout: float) -> Redis:
    """Return a client for `redis://…`, with `timeout` in seconds.

    It never retries a command: a PUBLISH that is retried can arrive twice.
    """
    return Redis.from_url(
        url,
        # With RESP3, redis-py 8 does not notice that the engine closed an idle connection.
        protocol=2,
        decode_responses=True,
        encoding_errors="replace",
        socket_connect_timeout=timeout,
        socket_timeout=timeout,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),
    )


def describe_error(error: BaseException, url: str) -> str | None:
    """Return one line for an error of redis-py or of the network, None for any other."""
    shown = redact(url)
    if isinstance(error, AuthenticationError | AuthorizationError):
        return f"Broker {shown} refused the password: correct the user name or the password in the URL."
    if isinstance(error, ResponseError):
        return f"Broker {shown} refused a command: {redact_text(str(error), url)}"
    if isinstance(error, RedisError | OSError | TimeoutError | EOFError):
        return f"Broker {shown} is not reachable ({redact_text(str(error), url)}): start it, or correct the URL."
    return None


class RedisBroker(Broker):
    """One connection that publishes, one that is subscribed, per process."""

    engine = "Redis"

    def __init__(self, url: str, **options: Any) -> None:
        """Take `redis://[user:password@]host:port/db`; raises `BrokerError` when it cannot be read."""
        super().__init__(redact(url), **options)
        self._url = url
        try:
            self._redis = make_client(url.replace("+streams", "", 1), self.timeout)
        except (ValueError, TypeError) as error:
            raise BrokerError(
                f"Broker URL {self.redacted_url} cannot be read: {redact_text(str(error), url)}"
            ) from None

    @property
    def _pool(self) -> ConnectionPool:
        return self._redis.connection_pool

    async def listen(self) -> None:
        """Subscribe and unsubscribe on one connection while another task reads it."""
        pending: Counter[str] = Counter()
        async with self._redis.pubsub() as pubsub:
            await pubsub.subscribe(IDLE_CHANNEL)
            self.connected()
            await race(self._read(pubsub, pending), self._follow(pubsub, pending))

    async def _follow(self, pubsub: PubSub, pending: Counter[str]) -> None:
        joined: dict[str, Channel] = {}
        while True:
            new, gone = self._channels.take_changes(joined)
            if gone:
                await pubsub.unsubscribe(*gone)
            if new:
                pending.update(new)
                await pubsub.subscribe(*new)
            await self._channels.wait_for_change()

    async def _read(self, pubsub: PubSub, pending: Counter[str]) -> None:
        while True:
            message = await pubsub.get_message(timeout=None)
            if message is None:
                continue
            if message["type"] == "message":
                self.deliver(Message(message["channel"], message["data"]))
            elif message["type"] == "subscribe":
                name = message["channel"]
                pending[name] -= 1
                if pending[name] == 0:  # a reply to an earlier SUBSCRIBE of this channel proves nothing
                    self._channels.confirm(name)

    async def send(self, batch: list[Outgoing]) -> None:
        """Write all PUBLISH commands in one pipeline, then read all replies."""
        connection = await self._live_connection()
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

    async def _live_connection(self) -> Connection:
        """Return a connection that the pool has just checked. Raises `NotSent` when the engine cannot be reached."""
        try:
            connection: Connection = await self._pool.get_connection()
            return connection
        except (RedisError, OSError, TimeoutError) as error:
            raise NotSent(describe_error(error, self._url)) from None

    async def close_connections(self) -> None:
        """Close every connection."""
        await self._redis.aclose()

    def describe_error(self, error: BaseException) -> str | None:
        """Return one line for an error of redis-py or of the network, None for any other."""
        return describe_error(error, self._url)
