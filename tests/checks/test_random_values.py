"""Values that nobody can guess, in the shape that checks rely on."""

from __future__ import annotations

import json
from urllib.parse import quote

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


def test_a_text_survives_json_and_only_an_unchanged_echo_equals_it() -> None:
    texts = [RandomValues().text() for _ in range(200)]
    assert len(set(texts)) == 200
    for text in texts:
        assert json.loads(json.dumps(text)) == text and text == text.strip() and "\n" not in text
        assert text not in (text.lower(), text.upper(), text.encode("ascii", "ignore").decode())
        assert '"' in text and "\\" in text and "{" in text and "🦉" in text


def test_a_name_needs_no_quoting_in_a_url() -> None:
    names = [RandomValues().name() for _ in range(200)]
    assert len(set(names)) == 200
    assert all(quote(name, safe="") == name and 8 <= len(name) <= 14 for name in names)
