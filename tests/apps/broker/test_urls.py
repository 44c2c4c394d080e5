"""A URL chooses the engine, a wrong one is refused, and no password is ever shown."""

from __future__ import annotations

import sys

import pytest

from course_app.apps.broker import BrokerError, open_broker, redact
from course_app.apps.broker.memory import MemoryBroker
from course_app.apps.broker.redis_pubsub import RedisBroker
from course_app.apps.broker.redis_streams import RedisStreamsBroker
from course_app.apps.broker.urls import redact_text


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("kafka://u:hunter2@h", "Unknown broker scheme 'kafka'; use memory://, redis://"),
        ("localhost:6379", "Unknown broker URL without a scheme; use memory://"),
        ("", "Unknown broker URL without a scheme"),
        ("redis://:hunter2@h:port", "Broker URL .* cannot be read"),
        ("redis://:hunter2@h:99999999", "Broker URL .* cannot be read"),
        ("postgresql://u:hunter2@h:1/db?nonsense=1", "Broker URL .* cannot be read"),
        ("postgresql://u:hunter2@[::1/db", "Broker URL .* cannot be read"),
    ],
)
async def test_a_url_that_cannot_be_read_is_refused_at_once(url: str, line: str) -> None:
    with pytest.raises(BrokerError, match=line) as error:
        open_broker(url)
    assert "hunter2" not in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("redis://:p%40ss@h:1/0", "redis://:***@h:1/0"),
        ("postgresql://u:a@b@h/db", "postgresql://u:***@h/db"),
        ("postgresql://u@/db?host=/tmp/x&password=pw", "postgresql://u@/db?host=/tmp/x&password=***"),
        ("redis+streams://u:pw@h", "redis+streams://u:***@h"),
    ],
)
def test_a_shown_url_has_no_password(url: str, shown: str) -> None:
    assert redact(url) == shown


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("memory://", MemoryBroker),
        ("redis://h", RedisBroker),
        ("rediss://h", RedisBroker),
        ("redis+streams://h", RedisStreamsBroker),
    ],
)
async def test_the_scheme_chooses_the_engine(url: str, broker: type) -> None:
    assert type(open_broker(url)) is broker


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "course_app.apps.broker.postgres", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(BrokerError, match="^postgresql:// needs a package: python -m pip install psycopg$"):
        open_broker("postgresql://h/db")


def test_a_message_of_a_library_is_one_line_without_the_password() -> None:
    url = "redis://:p%40ss@h:1/0"
    text = f"cannot connect to {url} with p@ss or p%40ss\nand more"
    assert redact_text(text, url) == "cannot connect to redis://:***@h:1/0 with *** or ***"
    assert redact_text("", url) == ""
    assert redact_text("any", "redis://[::1") == "the URL cannot be read"
