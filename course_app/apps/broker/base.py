"""The part of a broker that all engines share: publish, subscribe, reconnect, and report problems."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self, TypeVar

from course_app.apps.broker.channels import Channels
from course_app.apps.broker.errors import BrokerError, NotSent, PayloadTooLarge
from course_app.apps.broker.outbox import Outbox, Outgoing
from course_app.apps.broker.subscription import Message, Subscription
from course_app.apps.broker.tasks import cancel_and_wait

T = TypeVar("T")

log = logging.getLogger("course.broker")

MIN_BACKOFF, MAX_BACKOFF = 0.05, 1.0  # seconds between attempts to reach the engine


class Broker:
    """Publish and subscribe over one engine. Use it with `async with`, or call `close()`.

    Two tasks live as long as the broker: one keeps a connection on which messages arrive, and joins the channels again
    after a reconnect; the other writes the outbox, in the order of the calls to `publish`.
    A subclass for an engine implements `listen`, `send`, `describe_error` and, where the engine keeps messages,
    `make_subscription`.
    """

    engine = "?"
    max_bytes = 2**20  # of one message
    can_resume = False  # whether `subscribe` takes a `last_id`

    def __init__(self, redacted_url: str, *, max_queue: int = 1000, timeout: float = 2.0) -> None:
        """Take the URL without its password, the limit of each queue in messages, and of each wait in seconds."""
        self.redacted_url = redacted_url
        self.timeout = timeout
        self.reconnects = 0
        self._max_queue = max_queue
        self._problems: dict[str, str] = {"listening": f"Broker {redacted_url} has not been reached yet."}
        self._channels = Channels()
        self._connected = asyncio.Event()
        self._outbox = Outbox(max_queue)
        self._tasks: list[asyncio.Task[None]] = []
        self._closed = False

    # A subclass for an engine implements these.

    async def listen(self) -> None:
        """Connect, call `connected()`, then follow the changes of `_channels`, and deliver each message that arrives.

        Raises the client library's own error, or `NotSent` with one line for people, when the connection is lost.
        """
        raise NotImplementedError

    async def send(self, batch: list[Outgoing]) -> None:
        """Write the batch in order and resolve each `done`. Raises `NotSent` when nothing was written."""
        raise NotImplementedError

    async def close_connections(self) -> None:
        """Close the connections that are left when both tasks have ended."""

    def describe_error(self, error: BaseException) -> str | None:
        """Return one line for an error of the client library, or None for an error that is not about the engine."""
        raise NotImplementedError

    async def make_subscription(self, channel: str, last_id: str | None) -> Subscription:
        """Return an empty subscription; an engine that keeps messages fixes the id where it begins."""
        return Subscription(channel, self._max_queue)

    def connected(self) -> None:
        """Note that the engine is reached; `listen` calls it."""
        self._clear_problem("listening")
        self._connected.set()

    # An app uses these.

    @property
    def problem(self) -> str | None:
        """The reason that the engine is out of reach, in one line; None while it is in reach."""
        return next(iter(self._problems.values()), None)

    @property
    def outbox_size(self) -> int:
        """The number of messages that wait to be written to the engine."""
        return len(self._outbox)

    @property
    def channels(self) -> dict[str, int]:
        """The channels that this process has joined, each with the number of its subscriptions."""
        return self._channels.counts()

    async def publish(self, channel: str, text: str) -> None:
        """Hand `text` to all subscribers of `channel`, in every process, and return when the engine has it.

        Raises `PayloadTooLarge` when the engine cannot carry it, and `BrokerError` when the engine did not confirm it
        within `timeout` seconds or the outbox is full: the message then reaches all subscribers or none.
        """
        self._validate(channel, text)
        self._start_tasks()
        if self._outbox.full:
            raise BrokerError(
                f"Not delivered: {len(self._outbox)} messages already wait for {self.redacted_url}; try again later."
            )
        item = Outgoing(channel, text, asyncio.get_running_loop().create_future())
        self._outbox.put(item)
        try:
            async with asyncio.timeout(self.timeout):
                await item.done
        except TimeoutError:
            raise BrokerError(f"Not delivered: {self._why_late()}") from None

    @asynccontextmanager
    async def subscribe(self, channel: str, last_id: str | None = None) -> AsyncIterator[Subscription]:
        """Join `channel`. The engine has confirmed it inside the block, so no message published from then on is missed.

        With `last_id`, begin with the messages that the engine keeps after that id. Raises `BrokerError` when the
        engine cannot be reached within `timeout` seconds, or keeps no messages to resume from.
        """
        self._validate(channel, "")
        self._start_tasks()
        if last_id is not None and not self.can_resume:
            raise BrokerError(f"{self.engine} keeps no messages to resume from; use redis+streams://.")
        subscription = await self._within_timeout(self.make_subscription(channel, last_id))
        joined = self._channels.join(subscription)
        try:
            await self._within_timeout(joined.confirmed.wait())
            yield subscription
        finally:
            subscription.close()
            self._channels.leave(subscription, joined)

    async def wait_confirmed(self, channel: str) -> None:
        """Return once the engine has confirmed a channel that this process has joined, on the connection of now.

        Raises `BrokerError` when it does not within `timeout` seconds.
        """
        await self._within_timeout(self._channels.wait_confirmed(channel))

    async def ready(self) -> None:
        """Return once the engine is reached. Raises `BrokerError` when it is not within `timeout` seconds."""
        self._start_tasks()
        await self._within_timeout(self._connected.wait())

    async def close(self) -> None:
        """Leave every channel, end every subscription and close the connections; a second call does nothing."""
        self._closed = True
        self._channels.close()
        tasks, self._tasks = self._tasks, []
        await cancel_and_wait(tasks)
        self._outbox.cancel()
        await self.close_connections()

    async def __aenter__(self) -> Self:
        """Start to connect to the engine; an engine that is down does not stop the app from starting."""
        self._start_tasks()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the broker."""
        await self.close()

    def deliver(self, message: Message) -> None:
        """Hand a message to the subscriptions of its channel in this process."""
        self._channels.deliver(message)

    # Internals.

    def _validate(self, channel: str, text: str) -> None:
        if self._closed:
            raise BrokerError(f"Broker {self.redacted_url} is closed.")
        try:
            size = len(text.encode())
            channel.encode()
        except UnicodeEncodeError:
            raise BrokerError(
                "Not delivered: half a surrogate pair in the text or the channel name is not Unicode."
            ) from None
        if size > self.max_bytes:
            raise PayloadTooLarge(
                f"Not delivered: {size:,} bytes are over the {self.max_bytes:,} bytes that {self.engine} carries."
            )

    def _start_tasks(self) -> None:
        if not self._tasks and not self._closed:
            self._tasks = [asyncio.create_task(self._listen_forever()), asyncio.create_task(self._send_forever())]

    async def _within_timeout(self, waiting: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self.timeout):
                return await waiting
        except TimeoutError:
            raise BrokerError(self._why_late()) from None

    def _why_late(self) -> str:
        return self.problem or f"Broker {self.redacted_url} did not answer within {self.timeout:g} s."

    async def _listen_forever(self) -> None:
        """Keep a connection to the engine; when it is lost, reconnect with backoff, and join all channels again."""
        pause = MIN_BACKOFF
        while True:
            try:
                await self.listen()
            except Exception as error:
                if self._connected.is_set():
                    self.reconnects += 1
                    pause = MIN_BACKOFF
                self._connected.clear()
                self._note_problem("listening", error)
            self._channels.unconfirm_all()
            # Jitter: the processes must not all reconnect to an engine at the instant when it starts.
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(2 * pause, MAX_BACKOFF)

    async def _send_forever(self) -> None:
        """Write the outbox in order, a batch at a time; only a batch of which nothing was written is tried again."""
        pause = MIN_BACKOFF
        while True:
            while self._outbox:
                batch = self._outbox.next_batch()
                try:
                    await self.send(batch)
                    self._clear_problem("sending")
                    pause = MIN_BACKOFF
                    continue
                except NotSent as error:
                    self._note_problem("sending", error)
                    self._outbox.put_back(batch)
                except Exception as error:
                    line = self._note_problem("sending", error)
                    for item in batch:
                        if not item.done.done():
                            item.done.set_exception(BrokerError(f"Perhaps not delivered: {line}"))
                await asyncio.sleep(pause)
                pause = min(2 * pause, MAX_BACKOFF)
            await self._outbox.wait_filled()

    def _clear_problem(self, task: str) -> None:
        if self._problems.pop(task, None) and not self._problems:
            log.info("Broker %s is reached.", self.redacted_url)

    def _note_problem(self, task: str, error: Exception) -> str:
        """Note an error as one line, and log it once; an error of this program is logged with its traceback."""
        line = str(error) if isinstance(error, NotSent) else self.describe_error(error)
        if line is None:
            log.error("Broker %s: unexpected %s", self.redacted_url, type(error).__name__, exc_info=error)
            line = f"Broker {self.redacted_url} failed: {type(error).__name__}."
        if line not in self._problems.values():
            log.warning("%s", line)
        self._problems[task] = line
        return line
