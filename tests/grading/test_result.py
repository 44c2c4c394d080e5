"""A result, and what a second try adds to it."""

from __future__ import annotations

import json

import pytest

from course_app.checks.verdict import Outcome, Verdict
from course_app.grading.result import Result
from course_app.nbval_plugin.mismatch import Mismatch


def of(*outcomes: Outcome, **more: object) -> Result:
    verdicts = tuple(Verdict(f"echo.{n}", outcome) for n, outcome in enumerate(outcomes, start=1))
    return Result("03_echo", verdicts, **{"validated": True, **more})  # type: ignore[arg-type]


def test_a_result_passes_when_every_task_does() -> None:
    assert of(Outcome.PASSED, Outcome.PASSED).passed
    assert not of(Outcome.PASSED, Outcome.NOT_ATTEMPTED).passed
    assert of(Outcome.PASSED, Outcome.FAILED).outcome("echo.2") is Outcome.FAILED
    with pytest.raises(StopIteration):
        of(Outcome.PASSED).outcome("echo.9")


def test_a_second_try_gives_the_mark_and_says_so() -> None:
    wrong = Mismatch("echo-1-check", "differs")
    first = of(Outcome.FAILED, Outcome.FAILED, validated=False, mismatches=(wrong,), seconds={"checks": 1.0})
    second = Result("03_echo", (Verdict("echo.1", Outcome.PASSED), Verdict("echo.2", Outcome.FAILED)), None,
                    seconds={"checks": 2.0, "cells": 0.5})  # fmt: skip
    both = first.with_second_try(second)
    assert [verdict.outcome for verdict in both.verdicts] == [Outcome.PASSED, Outcome.FAILED]
    assert both.repairs == ("echo.1 passed when it was judged a second time",)
    assert (both.validated, both.mismatches) == (True, ())
    assert both.seconds == {"checks": 1.0, "second try": 2.5}


def test_a_second_try_that_fails_too_changes_no_verdict() -> None:
    first = of(Outcome.FAILED, validated=False, mismatches=(Mismatch("echo-1-check", "differs"),))
    both = first.with_second_try(of(Outcome.FAILED))
    assert both.verdicts == first.verdicts and both.validated is False and both.repairs == ()


def test_a_dictionary_of_it_is_json() -> None:
    made = json.loads(json.dumps(of(Outcome.PASSED, mismatches=(Mismatch("a", "b"),)).to_dict()))
    assert made["passed"] is True and made["verdicts"][0]["outcome"] == "passed"
    assert made["mismatches"] == [{"cell": "a", "reason": "b"}]
