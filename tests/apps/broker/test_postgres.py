"""What PostgreSQL alone cannot carry, and the names of its channels."""

from __future__ import annotations

import pytest

from course_app import engines
from course_app.apps.broker import BrokerError, open_broker
from course_app.apps.broker.postgres import MAX_IDENTIFIER_BYTES, identifier


async def test_postgres_carries_no_nul(postgres_engine: engines.Postgres) -> None:
    async with open_broker(postgres_engine.url) as broker:
        with pytest.raises(BrokerError, match="NUL"):
            await broker.publish("room", "a\0b")
        await broker.publish("room", "still serving")


def test_identifiers_are_short_enough_and_differ() -> None:
    names = ["room", "r" * 61, "r" * 62, "r" * 500, "☃" * 20, "☃" * 21, "nul\0", "h:room", "c:room", ""]
    identifiers = [identifier(name) for name in names]
    assert all(len(each.encode()) <= MAX_IDENTIFIER_BYTES and "\0" not in each for each in identifiers)
    assert len(set(identifiers)) == len(names)
    assert identifier("room") == "c:room" and identifier("r" * 62).startswith("h:")
