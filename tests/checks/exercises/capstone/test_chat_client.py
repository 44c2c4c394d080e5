"""Exercise `capstone`: how messages of the chat protocol are told apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from course_app.checks import Received
from course_app.checks.exercises.capstone import chat_client


def message(**fields: Any) -> Received:
    return Received(text=json.dumps(fields))


OTHERS = [Received(text="no json"), Received(text="[]"), Received(data=b"{}"), Received(code=1000), Received()]


def test_types_are_told_apart() -> None:
    assert chat_client.message_type(message(type="said")) == "said"
    assert [chat_client.message_type(got) for got in OTHERS] == [None] * len(OTHERS)
    assert chat_client.is_notice(message(type="joined")) and chat_client.is_notice(message(type="left"))
    assert not chat_client.is_notice(message(type="said"))
    assert not any(chat_client.is_notice(got) or chat_client.is_said(got) for got in OTHERS)


@pytest.mark.parametrize(
    ("got", "number"),
    [
        (message(type="said", id=3), 3),
        (message(type="said", id="3"), 0),
        (message(type="said"), 0),
        (message(type="did", id=3), 0),
        (Received(nothing=True), 0),
    ],
)
def test_only_what_was_said_has_an_id(got: Received, number: int) -> None:
    assert chat_client.said_id(got) == number
    assert chat_client.said_id_in(1, 3)(got) is (number == 3)
    assert chat_client.said_id_in(0, 2)(got) is False
    assert chat_client.said_id_above(2)(got) is (number == 3)


def test_members_are_a_list_or_none_at_all() -> None:
    assert chat_client.members_present(message(present=["Ada"])) == ["Ada"]
    assert chat_client.members_present(message(present="Ada")) == []
    assert chat_client.members_present(Received(nothing=True)) == []


@pytest.mark.parametrize(
    ("got", "diagnosis"),
    [
        (message(type="said"), "before-welcome"),
        (message(type="did"), "before-welcome"),
        (message(type="joined"), "own-notice"),
        (message(type="error"), "no-welcome"),
        (Received(nothing=True), "no-welcome"),
        (message(type="welcome"), None),
    ],
)
def test_what_comes_instead_of_a_welcome_has_a_name(got: Received, diagnosis: str | None) -> None:
    found = [rule.diagnosis for rule in chat_client.WELCOME_RULES if rule.applies(got)]
    assert (found[0] if found else None) == diagnosis
