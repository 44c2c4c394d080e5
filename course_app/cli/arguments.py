"""Types of command-line options, for argparse's `type=`: each returns a value or says what is wrong with the word."""

from __future__ import annotations

import argparse
from datetime import datetime

MAX_SECONDS = 3600.0
MAX_COUNT = 1024


def seconds(word: str) -> float:
    """Return a number of seconds above 0 and up to an hour. Raises ArgumentTypeError, or ValueError for no number."""
    value = float(word)
    if not 0 < value <= MAX_SECONDS:
        raise argparse.ArgumentTypeError(f"{word} is not between 0 and {MAX_SECONDS:.0f} seconds")
    return value


def count(word: str) -> int:
    """Return a whole number from 1 to 1024. Raises ArgumentTypeError, or ValueError for no number."""
    value = int(word)
    if not 1 <= value <= MAX_COUNT:
        raise argparse.ArgumentTypeError(f"{word} is not between 1 and {MAX_COUNT}")
    return value


def moment(word: str) -> datetime:
    """Return an ISO 8601 date or time with an offset; without one it is local time. Raises ArgumentTypeError."""
    try:
        value = datetime.fromisoformat(word)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{word} is no date like 2026-11-20T18:00") from error
    return value if value.tzinfo is not None else value.astimezone()
