"""Grading on a Dask cluster: a submission travels as bytes, its verdict comes back as JSON-ready values.

Workers need the course: this package, and the course's folder at the same path or in their own COURSE_ROOT.
Source: Dask documentation, "Futures" (as_completed, retries, worker resources).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CourseError
from ..manifest import Course, find_root, load
from .grade_bytes import Options
from .workers import Job, graded

if TYPE_CHECKING:
    from .batch import Verdicts

_RETRIES = 5
"""How often a submission whose worker was lost is graded anew."""
_AHEAD = 4
"""Submissions under way for each thread of the cluster; more would only fill its memory."""


def run_on_cluster(course: Course, jobs: Iterator[Job], options: Options, address: str) -> Verdicts:
    """Yield each job's key and its verdict as they come; a lost worker's jobs go to others. Raises CourseError."""
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise CourseError("--dask needs dask.distributed; install it with `pip install 'course-app[dask]'`") from error
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise CourseError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        done = as_completed()
        keys: dict[Any, Any] = {}
        while True:
            room = _AHEAD * max(1, sum(client.nthreads().values())) - len(keys)
            for job in _some(jobs, room):
                future = client.submit(
                    _grade, course.root, job.stem, job.load(), job.name, options, pure=False, retries=_RETRIES
                )
                keys[future.key] = job.key
                done.add(future)
            if not keys:
                return
            future = next(done)
            verdict = future.result() if future.status == "finished" else {"failed": _why(future)}
            yield keys.pop(future.key), verdict


def _some(jobs: Iterator[Job], most: int) -> Iterator[Job]:
    for _ in range(most):
        job = next(jobs, None)
        if job is None:
            return
        yield job


def _why(future: Any) -> str:
    return f"the cluster gave this submission up: {future.exception()}"[:500]


def _grade(root: Path, stem: str, data: bytes, name: str, options: Options) -> dict[str, Any]:
    """Grade one submission, on a worker."""
    course = load(root if root.is_dir() else find_root())
    return graded(course, stem, data, name, options)
