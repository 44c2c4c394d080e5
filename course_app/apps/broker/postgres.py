"""`postgresql://`: NOTIFY and LISTEN, for an app that uses PostgreSQL already and needs no other engine.

PostgreSQL hands a notification to every session that listens at that moment, in the order of the commits: at most once.
Source: PostgreSQL documentation, NOTIFY (payload shorter than 8,000 bytes) and "Identifiers and Key Words" (63 bytes).
"""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.conninfo import conninfo_to_dict

from course_app.apps.broker.base import Broker
from course_app.apps.broker.channels import Channel
from course_app.apps.broker.errors import BrokerError, NotSent
from course_app.apps.broker.outbox import Outgoing
from course_app.apps.broker.subscription import Message
from course_app.apps.broker.tasks import race
from course_app.apps.broker.urls import redact, redact_text

MAX_IDENTIFIER_BYTES = 63
ADVICE = "start it, or correct the URL."


def identifier(channel: str) -> str:
    """Return the PostgreSQL identifier of `channel`: readable when it is short enough, otherwise a SHA-256 digest."""
    readable = f"c:{channel}"
    if len(readable.encode()) <= MAX_IDENTIFIER_BYTES and "\0" not in channel:
        return readable
    return f"h:{sha256(channel.encode()).hexdigest()[:60]}"


class PostgresBroker(Broker):
    """One connection that notifies, one that listens, per process."""

    engine = "PostgreSQL NOTIFY"
    max_bytes = 7999  # NOTIFY takes a payload shorter than 8,000 bytes

    def __init__(self, url: str, **options: Any) -> None:
        """Take `postgresql://user:password@host:port/db`; raises `BrokerError` when it cannot be read."""
        super().__init__(redact(url), **options)
        self._url = url
        self._sender: AsyncConnection[Any] | None = None
        try:
            conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            raise BrokerError(
                f"Broker URL {self.redacted_url} cannot be read: {redact_text(str(error), url)}"
            ) from None

    def _validate(self, channel: str, text: str) -> None:
        super()._validate(channel, text)
        if "\0" in text:
            raise BrokerError("Not delivered: PostgreSQL carries no NUL character; leave it out, or encode it.")

    async def _connect(self) -> AsyncConnection[Any]:
        try:
            # TCP keepalives detect a host that vanished without closing the connection.
            async with asyncio.timeout(self.timeout):
                return await AsyncConnection.connect(
                    self._url,
                    autocommit=True,
                    keepalives_idle=5,
                    keepalives_interval=2,
                    keepalives_count=3,
                )
        except (psycopg.Error, OSError, TimeoutError) as error:
            raise NotSent(self.describe_error(error)) from None

    async def listen(self) -> None:
        """Use one connection in turn: LISTEN and UNLISTEN when channels change, otherwise wait for notifications."""
        connection = await self._connect()
        try:
            names: dict[str, str] = {}
            joined: dict[str, Channel] = {}
            self.connected()
            while True:
                new, gone = self._channels.take_changes(joined)
                # A connection does one thing at a time. What arrives during LISTEN is kept for the next `notifies()`.
                for name in gone:
                    names.pop(identifier(name), None)
                    await connection.execute(sql.SQL("UNLISTEN {}").format(sql.Identifier(identifier(name))))
                for name in new:
                    names[identifier(name)] = name
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(identifier(name))))
                    self._channels.confirm(name)
                await race(self._read(connection, names), self._channels.wait_for_change())
        finally:
            await connection.close()

    async def _read(self, connection: AsyncConnection[Any], names: dict[str, str]) -> None:
        async for notification in connection.notifies():
            name = names.get(notification.channel)
            if name is not None:
                self.deliver(Message(name, notification.payload))

    async def send(self, batch: list[Outgoing]) -> None:
        """Notify in one transaction each: within one transaction PostgreSQL folds equal notifications into one."""
        if self._sender is None or not self._is_alive(self._sender):
            await self.close_connections()
            self._sender = await self._connect()
            # A notification does not survive a crash of the engine, so its commit need not wait for the disk.
            await self._sender.execute("SET synchronous_commit TO off")
        try:
            for item in batch:
                await self._sender.execute("SELECT pg_notify(%s, %s)", (identifier(item.channel), item.text))
                if not item.done.done():
                    item.done.set_result(None)
        except BaseException:
            await self._sender.close()
            raise

    def _is_alive(self, connection: AsyncConnection[Any]) -> bool:
        """Return whether the server left the idle connection open; a restart leaves a FATAL message in the socket."""
        try:
            for _ in ("the FATAL message", "the end of the connection"):
                connection.pgconn.consume_input()
        except psycopg.Error:
            return False
        return not connection.closed

    async def close_connections(self) -> None:
        """Close the connection that notifies."""
        if self._sender is not None:
            await self._sender.close()

    def describe_error(self, error: BaseException) -> str | None:
        """Return one line for an error of psycopg or of the network, None for any other."""
        line = redact_text(str(error), self._url)
        if "password" in line or "authentication failed" in line:
            return f"Broker {self.redacted_url} refused the password: correct the user name or the password in the URL."
        if isinstance(error, psycopg.Error | OSError | TimeoutError):
            return f"Broker {self.redacted_url} is not reachable ({line or type(error).__name__}): {ADVICE}"
        return None
