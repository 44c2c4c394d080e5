"""`memory://` is one process's own."""

from __future__ import annotations

from course_app.apps.broker import open_broker

from .reading import texts


async def test_memory_brokers_do_not_reach_each_other() -> None:
    async with (
        open_broker("memory://") as one,
        open_broker("memory://") as two,
        one.subscribe("room") as first,
        two.subscribe("room") as second,
    ):
        await one.publish("room", "hello")
        assert await texts(first, 1) == ["hello"]
        assert second.queued == 0
