"""Values that nobody can guess, in the shape that checks rely on."""

from __future__ import annotations

import pytest

from course_app.checks.random_values import RandomValues


def test_words_have_eight_letters_and_differ() -> None:
    words = RandomValues().words(200)
    assert len(words) == 200
    assert all(len(word) == 8 and word.isascii() and word.islower() and word.isalpha() for word in words)
    assert len(set(words)) > 150  # of 20,736; one in 100 pairs of 200 would be equal


def test_numbers_include_both_ends() -> None:
    values = RandomValues()
    assert {values.number(2, 4) for _ in range(200)} == {2, 3, 4}
    assert 10 <= values.number() <= 99_999
    with pytest.raises(ValueError):
        values.number(4, 2)


@pytest.mark.parametrize("size", [0, 6, 100])
def test_blobs_have_the_size(size: int) -> None:
    assert len(RandomValues().blob(size)) == size


def test_two_sources_differ() -> None:
    assert RandomValues().blob(16) != RandomValues().blob(16)
