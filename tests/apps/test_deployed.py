"""Secrets never reach the log, whichever way they come into a record."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from course_app.apps.deployed import RedactSecrets, redact


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("/ws?token=s3cret&room=red", "/ws?token=***&room=red"),
        ("/ws?Password=s3cret", "/ws?Password=***"),
        ("redis://:s3cret@h:1/0", "redis://:***@h:1/0"),
        ("postgresql://u:s3cret@h/db", "postgresql://u:***@h/db"),
        ("token=***", "token=***"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_a_text_is_redacted_and_nothing_else_changes(text: str, redacted: str) -> None:
    assert redact(text) == redacted


def test_what_is_no_text_stays_what_it_is() -> None:
    assert redact(17) == 17 and redact(None) is None


def record(message: str, *values: Any) -> logging.LogRecord:
    return logging.LogRecord("uvicorn.error", logging.INFO, __file__, 1, message, values, None)


@pytest.mark.parametrize(
    ("message", "values", "shown"),
    [
        ('%s - "WebSocket %s" [accepted]', ("::1", "/ws?token=s3cret"), '::1 - "WebSocket /ws?token=***" [accepted]'),
        ("connecting to redis://:s3cret@h", (), "connecting to redis://:***@h"),
        ("token=%s", ("s3cret",), "token=***"),
        ("%d clients", (3,), "3 clients"),
    ],
)
def test_a_record_is_redacted_and_passed_on(message: str, values: tuple[Any, ...], shown: str) -> None:
    line = record(message, *values)
    assert RedactSecrets().filter(line)
    assert line.getMessage() == shown
