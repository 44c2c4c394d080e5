"""How hard a ticket is to guess, as far as a sample of tickets can tell."""

from __future__ import annotations

import base64
import hashlib
import itertools
import math
import string
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence

MIN_BITS = 60.0  # OWASP's Session Management Cheat Sheet asks for 64; the estimate below may be a few too low
NUMBERS = (*range(20), *range(100, 116), *range(1000, 1016))  # of a counter, as far as they are tried
COMPARED = 12  # characters of a digest that have to be equal
LONGEST_PREFIX = 12  # characters that may stand before a digest, such as a user's name
GUESSABLE_VERSIONS = (1, 2, 3, 5, 6)  # of UUIDs (RFC 9562): made from the clock and the machine, or from a name
ALPHABETS = (string.digits, string.hexdigits, string.digits + string.ascii_letters)
HASHES = (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512, hashlib.blake2b)
SEPARATORS = ("", "-", ":", "_")


def random_bits(tickets: Sequence[str]) -> float:
    """Estimate how many bits of a ticket vary at random, in a sample of at least six.

    A position counts where three different characters or more were found. What counts up, the clock's leading digits,
    and a prefix with the user's name vary less than that.
    """
    used = set("".join(tickets))
    size = next((len(set(letters.lower())) for letters in ALPHABETS[:2] if used - set("-.") <= set(letters)), 0)
    if not size:
        size = len(ALPHABETS[2]) if any(c.isupper() for c in used) and any(c.islower() for c in used) else 36
    varying = sum(len(set(column)) >= 3 for column in zip(*tickets, strict=False))
    return varying * math.log2(size)


def is_predictable_uuid(tickets: Iterable[str]) -> bool:
    """Tell whether every ticket is a UUID of a version that is made from the clock, the machine or a name."""
    versions = set()
    for ticket in tickets:
        try:
            versions.add(uuid.UUID(ticket).version)
        except ValueError:
            return False
    return len(versions) == 1 and versions.pop() in GUESSABLE_VERSIONS


def is_progression(tickets: Sequence[str]) -> bool:
    """Tell whether the tickets are numbers with one step between them, or two where they wrap around at a limit."""
    for base in (10, 16):
        try:
            numbers = [int(ticket, base) for ticket in tickets]
        except ValueError:
            continue
        if len({later - earlier for earlier, later in itertools.pairwise(numbers)}) <= 2:
            return True
    return False


def plain_texts(names: Iterable[str]) -> Iterator[str]:
    """Yield what a ticket may be the hash of: a name, a number, the time in seconds, and a name with one of them."""
    now = int(time.time())
    numbers = [*map(str, NUMBERS), *(str(now + offset) for offset in (-2, -1, 0, 1))]
    names = tuple(names)
    yield from numbers
    yield from names
    for name, number, separator in itertools.product(names, numbers, SEPARATORS):
        yield f"{name}{separator}{number}"
        yield f"{number}{separator}{name}"


def is_hash(tickets: Iterable[str], names: Iterable[str]) -> bool:
    """Tell whether a ticket has the digest of a name, a number, the time in seconds, or a name with one of them."""
    parts = {ticket[at : at + COMPARED] for ticket in tickets for at in range(LONGEST_PREFIX)}
    for text in plain_texts(names):
        for make in HASHES:
            digest = make(text.encode()).digest()
            if digest.hex()[:COMPARED] in parts or base64.urlsafe_b64encode(digest[:9]).decode()[:COMPARED] in parts:
                return True
    return False


def is_guessable(tickets: Sequence[str], names: Iterable[str]) -> bool:
    """Tell whether the tickets, in the order in which they were made, can be guessed.

    `names` are the users' names and the ids of their sessions. A ticket may begin with one of them: the rest counts.
    """
    return (
        random_bits(tickets) < MIN_BITS
        or is_predictable_uuid(tickets)
        or is_progression(tickets)
        or is_hash(tickets, names)
    )
