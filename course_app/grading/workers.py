"""Worker processes, one submission each at a time; one that dies or hangs costs its own row and is replaced."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import multiprocessing
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from ..kernels.prelaunch import Prelaunch
from ..manifest import Course
from .engine import KernelFactory
from .grade_bytes import Options, grade_bytes

_TICK_SECONDS = 0.5
_MARGIN_SECONDS = 60.0
"""What a worker may take beyond its own limits before it is given up."""
_LEAVE_SECONDS = 5.0
"""What an idle worker may take to end its last kernel."""
_ROWS_PER_WORKER = 200
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Job:
    """One submission to grade: `key` is the caller's; `load` returns its bytes, when its turn comes."""

    key: Any
    stem: str
    name: str
    load: Callable[[], bytes]


@dataclass
class _Worker:
    process: BaseProcess
    conn: Connection
    key: Any = None
    deadline: float = 0.0
    rows: int = 0
    prelaunches: bool = False
    """Whether it launches a kernel ahead, for a submission that comes after the present one."""
    began: float = field(default_factory=time.monotonic)


def run_jobs(
    course: Course, jobs: Iterator[Job], options: Options, workers: int
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield each job's key and its verdict (see `grade_bytes`; or `{"failed": why}`) as they come, in any order."""
    pool = _Pool(course, options)
    try:
        yield from _drive(pool, jobs, max(1, workers))
    finally:
        pool.close()


def _drive(pool: _Pool, jobs: Iterator[Job], workers: int) -> Iterator[tuple[Any, dict[str, Any]]]:
    coming = deque(islice(jobs, workers + 1))
    while coming or pool.busy:
        while coming and len(pool.busy) < workers:
            job = coming.popleft()
            coming.extend(islice(jobs, 1))
            try:
                data = job.load()
            except Exception as error:  # a file that vanished, or a zip that lied: this row's problem
                yield job.key, {"problem": str(error)}
                continue
            free = workers - len(pool.busy) - 1  # they take the next ones at once
            pool.give(job, data, len(coming) - free)
        yield from pool.collect()


class _Pool:
    def __init__(self, course: Course, options: Options) -> None:
        self.course, self.options = course, options
        # A fork has imported everything already; where there is none, each worker imports for itself.
        forks = sys.platform == "linux"
        self.context: Any = multiprocessing.get_context("fork" if forks else "spawn")
        if forks:
            importlib.import_module("course_app.nbval_plugin.comparison")  # a quarter of a second, else for each worker
            gc.freeze()  # so that no worker's collections copy what they share
        self.idle: list[_Worker] = []
        self.busy: list[_Worker] = []

    def give(self, job: Job, data: bytes, later: int) -> None:
        """Have a job done. So many wait for a worker: no more kernels than that are launched ahead."""
        worker = self.idle.pop() if self.idle else self._start()
        worker.key = job.key
        worker.prelaunches = later > sum(one.prelaunches for one in [*self.idle, *self.busy])
        worker.deadline = time.monotonic() + self.options.whole_seconds + _MARGIN_SECONDS
        worker.rows += 1
        self.busy.append(worker)
        with contextlib.suppress(OSError):  # where it has just died, `collect` says so
            worker.conn.send((job.stem, data, job.name, worker.prelaunches))

    def collect(self) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Wait a moment, and yield key and verdict of each job that is done or has taken too long."""
        if not self.busy:
            return
        ready = wait([worker.conn for worker in self.busy], timeout=_TICK_SECONDS)
        now = time.monotonic()
        for worker in list(self.busy):
            if worker.conn in ready:
                yield worker.key, self._take(worker)
            elif now > worker.deadline:
                self._end(worker)
                yield worker.key, {"failed": "the grader gave this submission up: it took too long"}

    def close(self) -> None:
        """End every worker; idle ones may end their kernels first."""
        for worker in self.idle:
            worker.conn.close()
        for worker in self.idle:
            worker.process.join(_LEAVE_SECONDS)
        for worker in [*self.idle, *self.busy]:
            self._end(worker)

    def _take(self, worker: _Worker) -> dict[str, Any]:
        try:
            verdict: dict[str, Any] = worker.conn.recv()
        except (EOFError, OSError):
            self._end(worker)
            return {"failed": f"the grader's own process ended (exit code {worker.process.exitcode})"}
        self.busy.remove(worker)
        if worker.rows >= _ROWS_PER_WORKER:
            self._end(worker)
        else:
            self.idle.append(worker)
        return verdict

    def _start(self) -> _Worker:
        ours, theirs = self.context.Pipe()
        others = [worker.conn for worker in [*self.idle, *self.busy]]
        process = self.context.Process(target=_work, args=(theirs, [ours, *others], self.course, self.options))
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _end(self, worker: _Worker) -> None:
        for group in (self.idle, self.busy):
            if worker in group:
                group.remove(worker)
        worker.process.kill()
        worker.process.join()
        worker.conn.close()


def _work(conn: Connection, inherited: list[Connection], course: Course, options: Options) -> None:
    """Grade what comes until the other end is closed."""
    if sys.platform == "linux":
        for other in inherited:
            other.close()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # nobody waits for these rows any more
    prelaunch = Prelaunch(options.sandbox)
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            stem, data, name, prelaunch.always = conn.recv()
            conn.send(graded(course, stem, data, name, options, prelaunch))
    prelaunch.close()


def graded(
    course: Course, stem: str, data: bytes, name: str, options: Options, kernel: KernelFactory | None = None
) -> dict[str, Any]:
    """Do what `grade_bytes` does; where the grader itself fails, return `{"failed": why}`. Raises nothing."""
    try:
        return grade_bytes(course, stem, data, name, options, kernel)
    except Exception as error:  # the grader's own fault: named in the row, and the batch goes on
        return {"failed": f"{type(error).__name__}: {error}"[:500]}
