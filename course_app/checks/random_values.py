"""Random values for checks, so that no answer passes with a constant."""

from __future__ import annotations

import random
import string

_PIECES = (
    "é",
    "ß",
    "Ünï",
    "日本",
    "🦉",
    '"',
    "'",
    "\\",
    "{",
    "}",
    "{0}",
    "%s",
    "<b>",
    "&amp;",
    ":",
    ",",
    ";",
    "/",
    "#",
    "null",
    "0",
    "-1",
)
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

    def name(self) -> str:
        """Return a name for a path, a query or a user: 8 to 14 random ASCII letters and digits, in both cases."""
        first = self.random.choice(string.ascii_letters)
        return first + "".join(self.random.choices(string.ascii_letters + string.digits, k=self.random.randint(7, 13)))

    def text(self) -> str:
        """Return a payload that only an answer which changes nothing gets right.

        It has capitals, blanks inside, a quote, a backslash, braces, characters of two, three and four bytes in UTF-8
        and other pieces in random order and number. It begins and ends with a letter.
        """
        pieces = ["é", "🦉", '"', "\\", "{", *self.random.choices(_PIECES, k=self.random.randint(1, 5))]
        self.random.shuffle(pieces)
        words = [self.word().capitalize() if self.random.random() < 0.5 else self.word() for _ in pieces]
        joined = "".join(
            f"{word}{self.random.choice(('', ' ', '  '))}{piece}" for word, piece in zip(words, pieces, strict=True)
        )
        return f"{joined}{self.word().title()}"

    def words(self, count: int) -> list[str]:
        """Return `count` words, each drawn independently: two may be equal."""
        return [self.word() for _ in range(count)]

    def number(self, low: int = 10, high: int = 99_999) -> int:
        """Return an integer from `low` to `high`, both included."""
        return self.random.randint(low, high)

    def blob(self, size: int = 6) -> bytes:
        """Return `size` bytes."""
        return self.random.randbytes(size)
