"""What every broker shares: channels with reference counts, one line to the engine that heals, one ordered outbox."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeVar

from course_app.apps.broker.errors import BrokerError, NotSent, PayloadTooLarge
from course_app.apps.broker.subscription import Message, Subscription
from course_app.apps.broker.tasks import end

__all__ = ["Broker", "BrokerError", "Message", "NotSent", "Outgoing", "PayloadTooLarge", "Subscription"]

T = TypeVar("T")

log = logging.getLogger("course.broker")

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0  # seconds between attempts to reach the engine
BATCH = 100  # messages written to the engine in one go


@dataclass(slots=True)
class Outgoing:
    """A message on its way to the engine; `done` resolves when the engine has it."""

    channel: str
    text: str
    done: asyncio.Future[None]
    mark: str = ""  # tells a second try from a second message, where an engine can
    tries: int = 0


@dataclass(slots=True)
class Channel:
    """A channel that somebody in this process reads; `joined` is set once the engine confirmed it."""

    subscriptions: set[Subscription] = field(default_factory=set)
    joined: asyncio.Event = field(default_factory=asyncio.Event)


class Broker:
    """Publish and subscribe over one engine. Use it with `async with`, or call `close()`.

    Two tasks live as long as the broker: one keeps a line to the engine on which messages arrive, and joins again what
    was joined after the line broke; the other writes the outbox, in the order of the calls to `publish`.
    An engine is a subclass that fills in `listen`, `send` and, where it keeps messages, `replay`.
    """

    engine = "?"
    limit = 2**20  # bytes of one message
    keeps = False  # whether a subscriber can resume from an id

    def __init__(self, shown: str, *, queue: int = 1000, timeout: float = 2.0) -> None:
        """Take the URL without its password, the length of each queue in messages, and how long to wait in seconds."""
        self.shown = shown
        self.timeout = timeout
        self.reconnects = 0
        self._queue = queue
        self._problems: dict[str, str] = {"listening": f"Broker {shown} has not been reached yet."}
        self._channels: dict[str, Channel] = {}
        self._changed = asyncio.Event()
        self._up = asyncio.Event()
        self._outbox: deque[Outgoing] = deque()
        self._outgoing = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._closed = False

    # What an engine fills in.

    async def listen(self) -> None:
        """Connect, call `opened()`, then follow `changes` of the channels and `deliver` what arrives.

        Raises the client library's own error, or `NotSent` with a line for people, when the line breaks.
        """
        raise NotImplementedError

    async def send(self, batch: list[Outgoing]) -> None:
        """Write the batch in order and resolve each `done`; raise `NotSent` when nothing was written."""
        raise NotImplementedError

    async def release(self) -> None:
        """Give back what the engine's client holds."""

    def explain(self, error: BaseException) -> str | None:
        """Return one line for an error of the client library, or None for an error that is not about the engine."""
        raise NotImplementedError

    # What an app uses.

    @property
    def problem(self) -> str | None:
        """Why the engine is out of reach, in one line; None while all is well."""
        return next(iter(self._problems.values()), None)

    @property
    def outbox(self) -> int:
        """How many messages wait to be written to the engine."""
        return len(self._outbox)

    @property
    def channels(self) -> dict[str, int]:
        """The channels that this process has joined, and how many subscriptions share each."""
        return {name: len(channel.subscriptions) for name, channel in self._channels.items()}

    async def publish(self, channel: str, text: str) -> None:
        """Hand `text` to everybody who reads `channel`, in every process; return when the engine has it.

        Raises `PayloadTooLarge` when the engine cannot carry it, and `BrokerError` when the engine did not confirm it
        within `timeout` seconds or the outbox is full: the message then reaches everybody or nobody.
        """
        self._check(channel, text)
        self._start()
        if len(self._outbox) >= self._queue:
            raise BrokerError(
                f"Not delivered: {len(self._outbox)} messages already wait for {self.shown}; try again later."
            )
        item = Outgoing(channel, text, asyncio.get_running_loop().create_future())
        self._outbox.append(item)
        self._outgoing.set()
        try:
            async with asyncio.timeout(self.timeout):
                await item.done
        except TimeoutError:
            why = self.problem or f"Broker {self.shown} did not answer within {self.timeout:g} s."
            raise BrokerError(f"Not delivered: {why}") from None

    @asynccontextmanager
    async def subscribe(self, channel: str, last_id: str | None = None) -> AsyncIterator[Subscription]:
        """Join `channel`; inside the block, the engine has confirmed it, so nothing published from then on is missed.

        With `last_id`, begin with what the engine keeps after that id. Raises `BrokerError` when the engine cannot be
        reached within `timeout` seconds, or keeps nothing to resume from.
        """
        self._check(channel, "")
        self._start()
        if last_id is not None and not self.keeps:
            raise BrokerError(f"{self.engine} keeps no messages to resume from; use redis+streams://.")
        subscription = await self._bounded(self.make_subscription(channel, last_id))
        joined = self._channels.setdefault(channel, Channel())
        joined.subscriptions.add(subscription)
        self._changed.set()
        try:
            await self._bounded(joined.joined.wait())
            yield subscription
        finally:
            subscription.close()
            joined.subscriptions.discard(subscription)
            if not joined.subscriptions and self._channels.get(channel) is joined:
                del self._channels[channel]
                self._changed.set()

    async def confirmed(self, channel: str) -> None:
        """Return once the engine has confirmed a channel that this process has joined, on the line that stands now.

        Raises `BrokerError` when it does not within `timeout` seconds.
        """
        await self._bounded(self._channels[channel].joined.wait())

    async def make_subscription(self, channel: str, last_id: str | None) -> Subscription:
        """Return an empty subscription; an engine that keeps messages fixes where it begins."""
        return Subscription(channel, self._queue)

    async def ready(self) -> None:
        """Return once the engine is reached; raise `BrokerError` when it is not within `timeout` seconds."""
        self._start()
        await self._bounded(self._up.wait())

    async def close(self) -> None:
        """Leave every channel, end every subscription and drop the line; a second call does nothing."""
        self._closed = True
        for channel in self._channels.values():
            for subscription in channel.subscriptions:
                subscription.close()
        tasks, self._tasks = self._tasks, []
        await end(tasks)
        for item in self._outbox:
            item.done.cancel()
        self._outbox.clear()
        await self.release()

    async def __aenter__(self) -> Self:
        """Start reaching for the engine; an engine that is down does not stop the app from starting."""
        self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        await self.close()

    # What engines use.

    def deliver(self, message: Message) -> None:
        """Hand a message to the subscriptions of its channel in this process."""
        channel = self._channels.get(message.channel)
        if channel is not None:
            for subscription in tuple(channel.subscriptions):
                subscription.push(message)

    def opened(self) -> None:
        """Note that the line to the engine stands."""
        self._works("listening")
        self._up.set()

    def changes(self, on_line: dict[str, Channel]) -> tuple[list[str], list[str]]:
        """Return which channels to join and which to leave, and note in `on_line` that this was done."""
        self._changed.clear()
        gone = [name for name, channel in on_line.items() if self._channels.get(name) is not channel]
        new = [name for name, channel in self._channels.items() if on_line.get(name) is not channel]
        on_line.clear()
        on_line.update(self._channels)
        return new, gone

    async def change(self) -> None:
        """Return when there are changes."""
        await self._changed.wait()

    def joined(self, name: str) -> None:
        """Note that the engine confirmed a channel."""
        if name in self._channels:
            self._channels[name].joined.set()

    # Inside.

    def _check(self, channel: str, text: str) -> None:
        if self._closed:
            raise BrokerError(f"Broker {self.shown} is closed.")
        try:
            size = len(text.encode())
            channel.encode()
        except UnicodeEncodeError:
            raise BrokerError(
                "Not delivered: half a surrogate pair in the text or the channel name is not Unicode."
            ) from None
        if size > self.limit:
            raise PayloadTooLarge(
                f"Not delivered: {size:,} bytes are over the {self.limit:,} bytes that {self.engine} carries."
            )

    def _start(self) -> None:
        if not self._tasks and not self._closed:
            self._tasks = [asyncio.create_task(self._keep_listening()), asyncio.create_task(self._keep_sending())]

    async def _bounded(self, waiting: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self.timeout):
                return await waiting
        except TimeoutError:
            why = self.problem or f"Broker {self.shown} did not answer within {self.timeout:g} s."
            raise BrokerError(why) from None

    async def _keep_listening(self) -> None:
        """Hold a line to the engine; after it broke, come back with growing pauses and join everything again."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self.listen()
            except Exception as error:
                if self._up.is_set():
                    self.reconnects += 1
                    pause = FIRST_PAUSE
                self._up.clear()
                self._broke("listening", error)
            for channel in self._channels.values():
                channel.joined.clear()
            # Not all processes at the same instant: an engine that starts is easily run over.
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _keep_sending(self) -> None:
        """Write the outbox in order, a batch at a time; what was not written at all is tried again, nothing else is."""
        pause = FIRST_PAUSE
        while True:
            while self._outbox:
                batch = self._take()
                try:
                    await self.send(batch)
                    self._works("sending")
                    pause = FIRST_PAUSE
                    continue
                except NotSent as error:
                    self._broke("sending", error)
                    self._outbox.extendleft(item for item in reversed(batch) if not item.done.done())
                except Exception as error:
                    line = self._broke("sending", error)
                    for item in batch:
                        if not item.done.done():
                            item.done.set_exception(BrokerError(f"Perhaps not delivered: {line}"))
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            self._outgoing.clear()
            await self._outgoing.wait()

    def _take(self) -> list[Outgoing]:
        """Take the next messages that somebody still waits for."""
        batch: list[Outgoing] = []
        while self._outbox and len(batch) < BATCH:
            item = self._outbox.popleft()
            if not item.done.done():
                batch.append(item)
        return batch

    def _works(self, task: str) -> None:
        if self._problems.pop(task, None) and not self._problems:
            log.info("Broker %s is reached.", self.shown)

    def _broke(self, task: str, error: Exception) -> str:
        """Note an error as one line, and log it once; an error of this program is logged with its traceback."""
        line = str(error) if isinstance(error, NotSent) else self.explain(error)
        if line is None:
            log.error("Broker %s: unexpected %s", self.shown, type(error).__name__, exc_info=error)
            line = f"Broker {self.shown} failed: {type(error).__name__}."
        if line not in self._problems.values():
            log.warning("%s", line)
        self._problems[task] = line
        return line
