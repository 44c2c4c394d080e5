"""Predicates: each applies to its own kind of what a client received, and to no other."""

from __future__ import annotations

import dataclasses

import pytest

from course_app.checks import Received, Rule, rules

RECEIVED = {
    "nothing": Received(nothing=True),
    "text": Received(text="hi"),
    "empty text": Received(text=""),
    "binary": Received(data=b"hi"),
    "empty binary": Received(data=b""),
    "closed": Received(code=1000),
    "lost": Received(code=1006),
    "accepted": Received(),
    "200": Received(status=200),
    "403": Received(status=403),
    "500": Received(status=500),
}


@pytest.mark.parametrize(
    ("predicate", "applies_to"),
    [
        (rules.is_nothing, {"nothing"}),
        (rules.is_closed, {"closed", "lost"}),
        (rules.is_lost, {"lost"}),
        (rules.is_closed_properly, {"closed"}),
        (rules.is_text, {"text", "empty text"}),
        (rules.is_binary, {"binary", "empty binary"}),
        (rules.is_message, {"text", "empty text", "binary", "empty binary"}),
        (rules.is_anything, set(RECEIVED)),
        (rules.is_accepted, {"accepted"}),
        (rules.is_refusal, {"403"}),
        (rules.is_server_error, {"500"}),
        (rules.is_response, {"200", "403", "500"}),
        (rules.has_status(200, 500), {"200", "500"}),
        (rules.has_code(1000, 1001), {"closed"}),
        (rules.text_is("hi", "ho"), {"text"}),
        (rules.text_is(""), {"empty text"}),
        (rules.text_contains("i"), {"text"}),
        (rules.text_starts_with("x", "h"), {"text"}),
        (rules.text_ends_with("i"), {"text"}),
        (rules.data_is(b"hi"), {"binary"}),
        (rules.data_is(b""), {"empty binary"}),
        (rules.either(rules.is_lost, rules.is_binary), {"lost", "binary", "empty binary"}),
        (rules.both(rules.is_closed, rules.has_code(1006)), {"lost"}),
        (rules.neither(rules.is_message, rules.is_closed, rules.is_response), {"nothing", "accepted"}),
        (rules.when(True, rules.is_lost), {"lost"}),
        (rules.when(False, rules.is_lost), set()),
    ],
)
def test_a_predicate_applies_to_its_own_kind(predicate: rules.Predicate, applies_to: set[str]) -> None:
    assert {name for name, got in RECEIVED.items() if predicate(got)} == applies_to


JSON = {
    "object": '{"op": "add", "result": 3}',
    "other object": '{"result": [3]}',
    "list": "[1]",
    "twice": '"{\\"result\\": 3}"',
    "string": '"hello"',
    "repr": "{'result': 3}",
    "none": "hello",
}


@pytest.mark.parametrize(
    ("predicate", "applies_to"),
    [
        (rules.is_json_object, {"object", "other object"}),
        (rules.has_key("op"), {"object"}),
        (rules.lacks_key("op"), {"other object"}),
        (rules.field_in("result", [3, 4]), {"object"}),
        (rules.field_in("missing", [None]), set()),
        (rules.is_double_encoded, {"twice"}),
        (rules.is_python_repr, {"repr"}),
    ],
)
def test_a_predicate_on_json_reads_the_text(predicate: rules.Predicate, applies_to: set[str]) -> None:
    assert {name for name, text in JSON.items() if predicate(Received(text=text))} == applies_to


def test_a_rule_has_a_predicate_and_a_diagnosis_and_cannot_change() -> None:
    rule = Rule(rules.is_lost, "returned-early")
    assert rule.applies(Received(code=1006)) and rule.diagnosis == "returned-early"
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule.diagnosis = "other"  # type: ignore[misc]
