"""What the measured parts of the tests covered of the package: `python -m course_app.setup.coverage_report`."""

from __future__ import annotations

import sys
from pathlib import Path

from ..errors import CourseError
from ..manifest import find_root
from .test_parts import COVERAGE_DATA

BY_FILE = "by_file.txt"


def report(root: Path) -> tuple[float, float]:
    """Combine what the processes of a test run measured, and write a line for each file to BY_FILE beside the data.

    Return the covered share of lines and branches, and its floor from pyproject.toml, both in per cent.
    Raises CourseError where nothing was measured.
    """
    from coverage import Coverage
    from coverage.exceptions import NoDataError

    measured = Coverage(config_file=str(root / "pyproject.toml"))
    try:
        measured.combine(strict=True)
    except NoDataError:
        raise CourseError("no coverage was measured: run `course test` without naming parts") from None
    measured.save()
    with (root / COVERAGE_DATA / BY_FILE).open("w", encoding="utf-8") as file:
        covered = measured.report(file=file, show_missing=True)
    return covered, float(measured.get_option("report:fail_under") or 0)  # type: ignore[arg-type]


def main() -> int:
    """Print the share and its floor; return 1 where it is below, 2 where nothing was measured."""
    try:
        covered, floor = report(find_root())
    except CourseError as error:
        print(f"course: {error}", file=sys.stderr)
        return 2
    print(f"{covered:.1f} % of lines and branches are covered, the floor is {floor:g} %: see {COVERAGE_DATA}/{BY_FILE}")
    if covered < floor:
        print("add tests for what you added; the floor in pyproject.toml only rises")
    return 1 if covered < floor else 0


if __name__ == "__main__":
    sys.exit(main())
