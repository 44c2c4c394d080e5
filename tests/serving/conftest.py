"""No test leaves a server or a task behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from course_app.serving.server import stop_all


@pytest_asyncio.fixture
async def nothing_left() -> AsyncIterator[None]:
    """Stop every server after the test, and assert that no task is left."""
    before = len(asyncio.all_tasks())
    yield
    await stop_all()
    for _ in range(50):
        if len(asyncio.all_tasks()) <= before:
            break
        await asyncio.sleep(0.02)
    assert len(asyncio.all_tasks()) <= before, asyncio.all_tasks()
