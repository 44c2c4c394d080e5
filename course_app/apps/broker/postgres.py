"""`postgresql://`: NOTIFY and LISTEN, for those who run PostgreSQL anyway and would rather not run one more engine.

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

from course_app.apps.broker.base import Broker, Channel, Message, NotSent, Outgoing
from course_app.apps.broker.errors import BrokerError
from course_app.apps.broker.tasks import race
from course_app.apps.broker.urls import redact, scrub

LONGEST_IDENTIFIER = 63  # bytes
WAY_OUT = "start it, or correct the URL."


def identifier(channel: str) -> str:
    """Return the name under which PostgreSQL carries `channel`: readable where it fits, else a digest."""
    readable = f"c:{channel}"
    if len(readable.encode()) <= LONGEST_IDENTIFIER and "\0" not in channel:
        return readable
    return f"h:{sha256(channel.encode()).hexdigest()[:60]}"


class PostgresBroker(Broker):
    """One connection that notifies, one that listens, per process."""

    engine = "PostgreSQL NOTIFY"
    limit = 7999

    def __init__(self, url: str, **options: Any) -> None:
        """Take `postgresql://user:password@host:port/db`; raises `BrokerError` when it cannot be read."""
        super().__init__(redact(url), **options)
        self._url = url
        self._sender: AsyncConnection[Any] | None = None
        try:
            conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            raise BrokerError(f"Broker URL {self.shown} cannot be read: {scrub(str(error), url)}") from None

    def _check(self, channel: str, text: str) -> None:
        super()._check(channel, text)
        if "\0" in text:
            raise BrokerError("Not delivered: PostgreSQL carries no NUL character; leave it out, or encode it.")

    async def _connect(self) -> AsyncConnection[Any]:
        try:
            # Keepalives notice a host that vanished without a word.
            async with asyncio.timeout(self.timeout):
                return await AsyncConnection.connect(
                    self._url,
                    autocommit=True,
                    keepalives_idle=5,
                    keepalives_interval=2,
                    keepalives_count=3,
                )
        except (psycopg.Error, OSError, TimeoutError) as error:
            raise NotSent(self.explain(error)) from None

    async def listen(self) -> None:
        """Take turns on one connection: LISTEN and UNLISTEN when channels change, wait for notifications otherwise."""
        connection = await self._connect()
        try:
            names: dict[str, str] = {}
            on_line: dict[str, Channel] = {}
            self.opened()
            while True:
                new, gone = self.changes(on_line)
                # A connection does one thing at a time. What arrives during LISTEN is kept for the next `notifies()`.
                for name in gone:
                    names.pop(identifier(name), None)
                    await connection.execute(sql.SQL("UNLISTEN {}").format(sql.Identifier(identifier(name))))
                for name in new:
                    names[identifier(name)] = name
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(identifier(name))))
                    self.joined(name)
                await race(self._read(connection, names), self.change())
        finally:
            await connection.close()

    async def _read(self, connection: AsyncConnection[Any], names: dict[str, str]) -> None:
        async for notification in connection.notifies():
            name = names.get(notification.channel)
            if name is not None:
                self.deliver(Message(name, notification.payload))

    async def send(self, batch: list[Outgoing]) -> None:
        """Notify one by one: within one transaction PostgreSQL would fold equal notifications into one."""
        if self._sender is None or not self._alive(self._sender):
            await self.release()
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

    def _alive(self, connection: AsyncConnection[Any]) -> bool:
        """Whether the server has not hung up on an idle connection: a restart leaves its goodbye in the socket."""
        try:
            for _ in ("its last words", "the end of the connection"):
                connection.pgconn.consume_input()
        except psycopg.Error:
            return False
        return not connection.closed

    async def release(self) -> None:
        """Close the connection that notifies."""
        if self._sender is not None:
            await self._sender.close()

    def explain(self, error: BaseException) -> str | None:
        """One line for what psycopg raises."""
        line = scrub(str(error), self._url)
        if "password" in line or "authentication failed" in line:
            return f"Broker {self.shown} refused the password: correct the user name or the password in the URL."
        if isinstance(error, psycopg.Error | OSError | TimeoutError):
            return f"Broker {self.shown} is not reachable ({line or type(error).__name__}): {WAY_OUT}"
        return None
