"""The workers: one submission each at a time, and no kernel more than there are submissions."""

from __future__ import annotations

import pytest

from course_app.grading import workers
from course_app.grading.grade_bytes import Options
from course_app.grading.workers import Job, run_jobs


@pytest.mark.parametrize("many", [1, 2, 3, 7])
def test_no_more_kernels_are_started_ahead_than_submissions_come(course, monkeypatch, many):
    told: list[bool] = []

    class Pool(workers._Pool):
        def give(self, job: Job, data: bytes, later: int) -> None:
            super().give(job, data, later)
            told.append(self.busy[-1].prelaunches)

    monkeypatch.setattr(workers, "_Pool", Pool)
    monkeypatch.setattr(workers, "grade_bytes", lambda *_: {"problem": "none"})
    jobs = iter([Job(number, "02_echo", "x", lambda: b"") for number in range(many)])
    done = dict(run_jobs(course, jobs, Options(None), 2))
    assert sorted(done) == list(range(many))
    assert len(told) == many and sum(told) == max(0, many - 2)
