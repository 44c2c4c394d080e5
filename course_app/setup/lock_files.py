"""Write every file that pins versions, from pyproject.toml: `make lock`.

- requirements.lock: what a learner needs, every hash, for every platform
- requirements-test.lock: the same and what the tests, the site and the hub need
- requirements-uv.lock: uv itself, for machines that have none
- constraints.txt: the versions of requirements.lock without hashes; pip takes none beside an editable install
- the constraints at the end of pyproject.toml, so that `uv run` resolves to the same versions

None of them names a package index.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ..errors import CourseError
from ..manifest import find_root
from .python_packages import LEARNER_LOCK, TEST_LOCK, Pin, find_uv, read_lock

UV_LOCK = "requirements-uv.lock"
CONSTRAINTS = "constraints.txt"
OLDEST_PYTHON = "3.11"
BEGIN, END = "# BEGIN pins, written by `make lock`", "# END pins"
HEADER = "# Written by `make lock`: the versions of requirements.lock, for `pip install -c constraints.txt -e .`\n"
NO_ADDRESS = ("--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock")


def write_locks(root: Path, extra: list[str]) -> None:
    """Resolve the dependencies of the project in `root` and write the five files.

    `extra` are options for `uv pip compile`, such as --upgrade. Raises CourseError where uv is missing or no set of
    versions fits.
    """
    uv = find_uv()
    if not uv:
        raise CourseError("uv is not on PATH; run `make lab` once, or install uv")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        # What is pinned now is a wish, not a constraint; so the pins in pyproject.toml stay away.
        text = (root / "pyproject.toml").read_text(encoding="utf-8")
        (work / "pyproject.toml").write_text(without_pins(text), encoding="utf-8")
        (work / "uv.in").write_text("uv\n", encoding="utf-8")
        for name in (LEARNER_LOCK, TEST_LOCK, UV_LOCK):
            if (root / name).exists():
                shutil.copy(root / name, work / name)
        base = [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--python-version", OLDEST_PYTHON]
        base += [*NO_ADDRESS, *extra]
        groups = [word for name in ("build", "test", "site", "hub") for word in ("--group", name)]
        for words in (
            ["pyproject.toml", "--group", "build", "-o", LEARNER_LOCK],
            ["pyproject.toml", *groups, "-c", LEARNER_LOCK, "-o", TEST_LOCK],
            ["uv.in", "--no-annotate", "-o", UV_LOCK],
        ):
            if subprocess.run([*base, *words], cwd=work, check=False).returncode:
                raise CourseError(
                    "no set of versions fits; the lines above say why; change the versions in pyproject.toml"
                )
        for name in (LEARNER_LOCK, TEST_LOCK, UV_LOCK):
            shutil.copy(work / name, root / name)
    (root / CONSTRAINTS).write_text(
        HEADER + "".join(f"{pin}\n" for pin in read_lock(root / LEARNER_LOCK)), encoding="utf-8"
    )
    (root / "pyproject.toml").write_text(with_pins(text, read_lock(root / TEST_LOCK)), encoding="utf-8")


def without_pins(text: str) -> str:
    """Return pyproject.toml's text with an empty list of pins. Raises CourseError where the markers are missing."""
    return with_pins(text, ())


def with_pins(text: str, pins: tuple[Pin, ...]) -> str:
    """Return pyproject.toml's text with `pins` between the markers. Raises CourseError where they are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise CourseError(f"pyproject.toml: the lines {BEGIN!r} and {END!r} are missing; `git checkout pyproject.toml`")
    lines = "".join(f'    "{pin}",\n' for pin in pins)
    return f"{before}{BEGIN}\n{lines}    {END}{after}"


if __name__ == "__main__":
    try:
        write_locks(find_root(), sys.argv[1:])
    except CourseError as error:
        sys.exit(f"course: {error}")
