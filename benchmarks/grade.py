"""Grading a class of one exercise, beside nbgrader and otter, all in one run.

Run it from the course's folder: `python benchmarks/grade.py [--students N] [--otter VENV/bin] [--long N]`.
`--otter` names the bin folder of an environment of its own with otter-grader (see requirements.txt).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
EXERCISE = ROOT / "solutions" / "03_echo.ipynb"
ENV = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
TWO, DEFAULT = 2, 2 * (os.cpu_count() or 1)  # jobs


def timed(*words: object, cwd: Path, env: dict[str, str] | None = None) -> float:
    """Run a command and return its wall time in seconds."""
    began = time.perf_counter()
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, env={**ENV, **(env or {})}, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise SystemExit(f"{words} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - began


def ours(folder: Path, students: int, jobs: int = DEFAULT) -> float:
    """Return the seconds of one cold `course grade`, sandboxed, and see that everybody has full marks."""
    place = folder / f"class-{students}"
    shutil.rmtree(place, ignore_errors=True)
    for number in range(students):
        (place / "in" / f"student{number:04d}").mkdir(parents=True)
        shutil.copy(EXERCISE, place / "in" / f"student{number:04d}")
    words = (BIN / "course", "grade", place / "in", "--out", place / "out", "--jobs", jobs)
    seconds = timed(*words, cwd=ROOT, env={"COURSE_ROOT": str(ROOT)})
    book = json.loads((place / "out" / "grades.json").read_text(encoding="utf-8"))
    totals = [one["total"] for one in book["students"]]
    if totals != [book["max"]] * students or not book["sandboxed"]:
        raise SystemExit(f"a solution did not get full marks: {totals}")
    return seconds


def one_round(folder: Path, students: int) -> dict[int, float]:
    """Return the seconds that a class takes, by the number of jobs."""
    return {jobs: ours(folder, students, jobs) for jobs in (TWO, DEFAULT)}


def nbgrader(folder: Path, students: int) -> float:
    """Return the seconds of `nbgrader autograde` for as many solutions."""
    from course_app.nb import files
    from course_app.nb.derive import answer_only

    place = folder / "nbgrader"
    place.mkdir()
    (place / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'course'\n")
    env = {name: str(place / name) for name in ("HOME", "IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR")}
    env |= {"COURSE_ROOT": str(ROOT), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    solution = files.read(EXERCISE)
    (place / "source" / "all").mkdir(parents=True)
    files.write(place / "source" / "all" / EXERCISE.name, solution)
    timed(BIN / "nbgrader", "generate_assignment", "all", "--create", cwd=place, env=env)
    for number in range(students):
        target = place / "submitted" / f"student{number:04d}" / "all"
        target.mkdir(parents=True)
        files.write(target / EXERCISE.name, answer_only(solution))
    return timed(BIN / "nbgrader", "autograde", "all", "--create", cwd=place, env=env)


OTTER_TEST = """\
OK_FORMAT = False
from otter.test_files import test_case

name = "q1"
points = 1

class Peer:
    def __init__(self):
        self.sent = []
    async def accept(self): pass
    async def close(self): pass
    async def receive_text(self): return "hi"
    async def send_text(self, text): self.sent.append(text)

@test_case(points=1)
def test_answer(env):
    peer = Peer()
    try:
        env["once"](peer).send(None)  # nothing that it awaits ever waits, and otter's own loop is running
    except StopIteration:
        pass
    assert peer.sent == ["Message text was: hi"]
"""


def otter(folder: Path, students: int, bin_folder: Path) -> float:
    """Return the seconds of `otter run`, once per submission, with a test of one of five tasks."""
    from course_app.nb import files
    from course_app.nb.derive import answer_only

    place = folder / "otter"
    (place / "files" / "tests").mkdir(parents=True)
    (place / "files" / "tests" / "q1.py").write_text(OTTER_TEST)
    nb = answer_only(files.read(EXERCISE))
    nb["cells"] = [one for one in nb["cells"] if one["id"].endswith(("-setup", "-stub")) or one["cell_type"] != "code"]
    for one in nb["cells"]:
        if one["id"].endswith("-setup"):
            one["source"] = "from fastapi import FastAPI, WebSocket, WebSocketDisconnect"
    files.write(place / EXERCISE.name, nb)
    env = {"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", "VIRTUAL_ENV": str(bin_folder.parent)}
    (place / "config.json").write_text(json.dumps({"lang": "python"}))
    timed(bin_folder / "otter", "generate", "-t", place / "files" / "tests", "-o", "autograder.zip", "--no-environment",
          "-c", "config.json", cwd=place, env=env)  # fmt: skip
    began = time.perf_counter()
    for number in range(students):
        (place / f"out{number}").mkdir()
        timed(bin_folder / "otter", "run", EXERCISE.name, "-a", "autograder.zip", "-o", f"out{number}",
              cwd=place, env=env)  # fmt: skip
    score = json.loads((place / "out0" / "results.json").read_text())
    if sum(test.get("score", 0) for test in score["tests"]) <= 0:
        raise SystemExit(f"otter gave a solution no points: {score}")
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--peers", type=int, default=30, help="submissions for the peers, which take them one by one")
    parser.add_argument("--otter", type=Path, metavar="BIN")
    parser.add_argument("--long", type=int, default=0, help="also grade a class of this size, for cost and memory")
    args = parser.parse_args()
    head = f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f} at the start"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours(folder, 2)  # starts the fork server
        rounds = [one_round(folder, args.students) for _ in range(3)]
        peers = [("nbgrader autograde", args.peers, nbgrader(folder, args.peers))]
        if args.otter:
            peers.append(("otter run", args.peers, otter(folder, args.peers, args.otter.absolute())))
        ours(folder, 2)  # it ends when it has been idle for five minutes
        rounds += [one_round(folder, args.students) for _ in range(3)]
        median = {jobs: statistics.median(one[jobs] for one in rounds) for jobs in (TWO, DEFAULT)}
        start = ours(folder, 1)
        print(f"{head}, {os.getloadavg()[0]:.1f} at the end\n")
        print("| what | submissions | s | s per submission | × two jobs | × four jobs |")
        print("|---|---|---|---|---|---|")
        for jobs, seconds in median.items():
            each = seconds / args.students
            print(f"| `course grade --jobs {jobs}` | {args.students} | {seconds:.1f} | {each:.3f} | | |")
        for label, count, seconds in peers:
            ratios = " | ".join(f"{seconds / count / one * args.students:.1f}" for one in median.values())
            print(f"| `{label}` | {count} | {seconds:.1f} | {seconds / count:.2f} | {ratios} |")
        if args.long:
            seconds = ours(folder, args.long)
            print(f"| `course grade` | {args.long} | {seconds:.1f} | {seconds / args.long:.3f} | | |")
            more = (seconds - median[DEFAULT]) / (args.long - args.students)
            print(
                f"\nOne more submission costs {more:.3f} s, on {os.cpu_count()} cores; the start costs {start:.1f} s."
            )
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"The largest process of the run held {peak:.0f} MB.")


if __name__ == "__main__":
    main()
