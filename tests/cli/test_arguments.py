"""Options take what makes sense, and say what is wrong with the rest."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from course_app.cli.arguments import count, moment, seconds


def test_good_words_become_values() -> None:
    assert seconds("0.5") == 0.5 and seconds("3600") == 3600
    assert count("1") == 1 and count("1024") == 1024
    assert moment("2026-11-20T18:00+00:00") == datetime(2026, 11, 20, 18, tzinfo=UTC)


def test_a_moment_without_an_offset_is_local_time() -> None:
    assert moment("2026-11-20T18:00") == datetime(2026, 11, 20, 18).astimezone()


@pytest.mark.parametrize(
    ("kind", "word", "message"),
    [
        (seconds, "0", "0 is not between 0 and 3600 seconds"),
        (seconds, "-1", "-1 is not between 0 and 3600 seconds"),
        (seconds, "nan", "nan is not between 0 and 3600 seconds"),
        (seconds, "3601", "3601 is not between 0 and 3600 seconds"),
        (count, "0", "0 is not between 1 and 1024"),
        (count, "1025", "1025 is not between 1 and 1024"),
        (moment, "tomorrow", "tomorrow is no date like 2026-11-20T18:00"),
    ],
)
def test_bad_words_are_named(kind: Callable[[str], Any], word: str, message: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=f"^{message}$"):
        kind(word)


@pytest.mark.parametrize("kind", [seconds, count])
def test_what_is_no_number_is_argparses_own_error(kind: Callable[[str], Any]) -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--option", type=kind)
    with pytest.raises(argparse.ArgumentError, match="invalid"):
        parser.parse_args(["--option", "soon"])
