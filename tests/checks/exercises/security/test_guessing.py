"""Exercise `security`: which tickets can be guessed."""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid
from collections.abc import Callable

import pytest

from course_app.checks.exercises.security.guessing import is_guessable, random_bits

NAMES = ["ada", "s-4711"]
SAMPLE = 8

RANDOM: dict[str, Callable[[int], str]] = {
    "hex": lambda number: secrets.token_hex(32),
    "eight bytes": lambda number: secrets.token_hex(8),
    "URL-safe": lambda number: secrets.token_urlsafe(),
    "UUID 4": lambda number: str(uuid.uuid4()),
    "decimal": lambda number: str(secrets.randbits(128)),
    "a name in front": lambda number: f"ada-{secrets.token_hex(16)}",
}
GUESSABLE: dict[str, Callable[[int], str]] = {
    "counter": str,
    "counter with zeros": lambda number: f"{number:032}",
    "big steps": lambda number: f"{(number * 0x9E3779B97F4A7C15F39CC0605CEDC834) % 2**128:032x}",
    "clock": lambda number: str(time.time()),
    "nanoseconds": lambda number: f"ada{time.time_ns()}",
    "UUID 1": lambda number: str(uuid.uuid1()),
    "UUID 5": lambda number: str(uuid.uuid5(uuid.NAMESPACE_DNS, f"ada{number}")),
    "four bytes": lambda number: secrets.token_hex(4),
    "hash of a number": lambda number: hashlib.md5(str(number).encode()).hexdigest(),
    "hash of a name and a number": lambda number: hashlib.sha256(f"ada:{number}".encode()).hexdigest()[:24],
    "hash of the second": lambda number: f"{number}{hashlib.sha1(str(int(time.time())).encode()).hexdigest()}",
}


def tickets(make: Callable[[int], str]) -> list[str]:
    """Return a sample, made one after another."""
    return [make(number) for number in range(1, SAMPLE + 1)]


@pytest.mark.parametrize("name", RANDOM)
def test_random_tickets_cannot_be_guessed(name: str) -> None:
    assert not any(is_guessable(tickets(RANDOM[name]), NAMES) for _ in range(20))


@pytest.mark.parametrize("name", GUESSABLE)
def test_tickets_from_a_counter_a_clock_or_a_name_can_be_guessed(name: str) -> None:
    assert is_guessable(tickets(GUESSABLE[name]), NAMES)


def test_bits_count_where_characters_vary() -> None:
    assert random_bits(["ada-0001", "ada-0002", "bob-0003", "ada-0004", "bob-0005", "bob-0006"]) < 6
    assert random_bits(tickets(RANDOM["hex"])) > 240
