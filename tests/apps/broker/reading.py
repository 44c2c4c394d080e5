"""Reading a subscription in bounded time."""

from __future__ import annotations

import asyncio

from course_app.apps.broker import Subscription


async def texts(messages: Subscription, count: int) -> list[str]:
    """Return the texts of the next `count` messages."""
    async with asyncio.timeout(10):
        return [(await anext(messages)).text for _ in range(count)]
