"""How a check ends on a wrong answer."""

from __future__ import annotations

from course_app.checks import CheckFailed


def test_a_failure_carries_its_diagnosis_and_fields() -> None:
    failed = CheckFailed("no-prefix", who="A", got="hi")
    assert (failed.diagnosis, failed.waited, failed.fields) == ("no-prefix", False, {"who": "A", "got": "hi"})
    assert str(failed) == "no-prefix"


def test_what_did_not_come_in_time_is_marked() -> None:
    failed = CheckFailed("waited", waited=True, seconds=2.0)
    assert failed.waited and failed.fields == {"seconds": 2.0}
