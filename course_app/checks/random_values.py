"""Random values for checks, so that no answer passes with a constant."""

from __future__ import annotations

import random

_SYLLABLES = ("ba", "do", "fi", "ku", "le", "mo", "na", "pi", "ru", "sa", "te", "vo")


class RandomValues:
    """Words, numbers and bytes that an answer cannot predict: they come from the operating system's generator.

    `random` is that generator (`random.SystemRandom`), for values of another shape.
    """

    def __init__(self) -> None:
        self.random = random.SystemRandom()

    def word(self) -> str:
        """Return a pronounceable word of eight ASCII letters, one of 12⁴."""
        return "".join(self.random.choice(_SYLLABLES) for _ in range(4))

    def words(self, count: int) -> list[str]:
        """Return `count` words, each drawn independently: two may be equal."""
        return [self.word() for _ in range(count)]

    def number(self, low: int = 10, high: int = 99_999) -> int:
        """Return an integer from `low` to `high`, both included."""
        return self.random.randint(low, high)

    def blob(self, size: int = 6) -> bytes:
        """Return `size` bytes."""
        return self.random.randbytes(size)
