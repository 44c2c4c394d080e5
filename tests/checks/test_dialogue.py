"""How a step fails: with which diagnosis, which fields, and which line of the server's log."""

from __future__ import annotations

from typing import Any

import pytest

from course_app.checks.dialogue import Dialogue
from course_app.checks.failures import CheckFailed
from course_app.checks.received import Received
from course_app.checks.rules import Rule, is_closed, is_lost
from tests.support.checks import failure_of


class LoggedBackend:
    """A backend that serves nothing and has these log lines."""

    patience = 1.5

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)

    async def logs(self) -> list[str]:
        return self.lines


def dialogue(*lines: str) -> Dialogue:
    backend: Any = LoggedBackend(*lines)
    return Dialogue("answer", backend)


def test_failing_raises_with_the_fields() -> None:
    with pytest.raises(CheckFailed) as caught:
        dialogue().fail("no-ticket", body="nothing")
    assert (caught.value.diagnosis, caught.value.waited, caught.value.fields) == (
        "no-ticket",
        False,
        {"body": "nothing"},
    )


def test_failing_after_a_wait_says_how_long_it_was() -> None:
    with pytest.raises(CheckFailed) as caught:
        dialogue().fail_waiting("waited", who="A")
    assert caught.value.waited and caught.value.fields == {"who": "A", "seconds": 1.5}


async def test_failing_for_what_came_fills_every_field_of_it() -> None:
    failed = await failure_of(
        dialogue("ValueError: boom").fail_for(Received(code=4001, reason="bye"), "wrong-close", who="A")
    )
    assert failed.diagnosis == "wrong-close"
    assert failed.fields == {
        "who": "A",
        "got": Received(code=4001, reason="bye"),
        "code": 4001,
        "reason": "bye",
        "status": None,
        "seconds": 1.5,
        "log": " The server's log ends with: ValueError: boom",
    }


async def test_own_fields_win_over_those_of_what_came() -> None:
    assert (await failure_of(dialogue().fail_for(Received(status=500), "x", status=403))).fields["status"] == 403


async def test_the_first_rule_that_applies_names_the_diagnosis() -> None:
    rules = [Rule(is_lost, "lost-on-binary"), Rule(is_closed, "other-code")]
    assert (await failure_of(dialogue().apply_rules(rules, Received(code=1006)))).diagnosis == "lost-on-binary"
    assert (await failure_of(dialogue().apply_rules(rules, Received(code=1000)))).diagnosis == "other-code"
    await dialogue().apply_rules(rules, Received(text="hi"))  # no rule applies: nothing is raised


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], ""),
        (["INFO: started", "WARNING: odd"], ""),
        (["Traceback (most recent call last):\n  File x\nValueError: boom", "INFO: closed"], "ValueError: boom"),
        (["first error", "last error"], "last error"),
        (["x" * 300], "x" * 200),
    ],
)
async def test_the_last_error_of_the_log_is_quoted(lines: list[str], expected: str) -> None:
    line = await dialogue(*lines).log_line()
    assert line == (f" The server's log ends with: {expected}" if expected else "")
