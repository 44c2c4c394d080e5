"""The channels that somebody in this process reads, and what changes in them for the engine."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from course_app.apps.broker.subscription import Message, Subscription


@dataclass(slots=True)
class Channel:
    """The subscriptions that share one channel; `confirmed` is set while the engine has confirmed the channel."""

    subscriptions: set[Subscription] = field(default_factory=set)
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)


class Channels:
    """The channels by name: joined with the first subscription, left with the last one."""

    def __init__(self) -> None:
        """Start without a channel."""
        self._channels: dict[str, Channel] = {}
        self._changed = asyncio.Event()

    def counts(self) -> dict[str, int]:
        """Return the number of subscriptions of each channel."""
        return {name: len(channel.subscriptions) for name, channel in self._channels.items()}

    def join(self, subscription: Subscription) -> Channel:
        """Add a subscription to its channel, and return the channel."""
        channel = self._channels.setdefault(subscription.channel, Channel())
        channel.subscriptions.add(subscription)
        self._changed.set()
        return channel

    def leave(self, subscription: Subscription, channel: Channel) -> None:
        """Remove a subscription from the channel that `join` returned; the last one removes the channel."""
        channel.subscriptions.discard(subscription)
        if not channel.subscriptions and self._channels.get(subscription.channel) is channel:
            del self._channels[subscription.channel]
            self._changed.set()

    def close(self) -> None:
        """End every subscription."""
        for channel in self._channels.values():
            for subscription in channel.subscriptions:
                subscription.close()

    def deliver(self, message: Message) -> None:
        """Hand a message to each subscription of its channel."""
        channel = self._channels.get(message.channel)
        if channel is not None:
            for subscription in tuple(channel.subscriptions):
                subscription.push(message)

    def confirm(self, name: str) -> None:
        """Note that the engine has confirmed a channel."""
        if name in self._channels:
            self._channels[name].confirmed.set()

    def unconfirm_all(self) -> None:
        """Note that the connection to the engine is lost, and every confirmation with it."""
        for channel in self._channels.values():
            channel.confirmed.clear()

    async def wait_confirmed(self, name: str) -> None:
        """Return once the engine has confirmed the channel. Raises `KeyError` when nobody in this process reads it."""
        await self._channels[name].confirmed.wait()

    def take_changes(self, joined: dict[str, Channel]) -> tuple[list[str], list[str]]:
        """Return the names to join and the names to leave on a connection that has joined `joined`; update `joined`."""
        self._changed.clear()
        gone = [name for name, channel in joined.items() if self._channels.get(name) is not channel]
        new = [name for name, channel in self._channels.items() if joined.get(name) is not channel]
        joined.clear()
        joined.update(self._channels)
        return new, gone

    async def wait_for_change(self) -> None:
        """Return when a channel was joined or left since `take_changes`."""
        await self._changed.wait()
