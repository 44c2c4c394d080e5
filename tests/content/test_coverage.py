"""Nothing is missing: `docs/coverage.md` names a cell for every item that a lesson of the course has to teach."""

from __future__ import annotations

import re
from functools import cache

import pytest

from course_app.manifest import load
from course_app.nb.files import read
from tests.support.paths import ROOT

COURSE = load(ROOT)
TABLE = COURSE.root / "docs" / "coverage.md"
ROW = re.compile(r"\| (\S+) \| (\S+) \| (\S+) \|")

# Which keys each lesson has to show; lessons that share a line share its keys.
ASSIGNED = [
    (("start", "server"), "S01-S11 B04 B05 B23 P04 P33"),
    (("echo",), "S12-S16 S18-S21 B03 B06 B12 B19 B22 P01-P03 P19 T3.7 T3.8 T3.11"),
    (("messages",), "S17 B08 P13 P26 P28 P30 T3.10 T3.17-T3.19 T3.22"),
    (("handshake", "dependencies"), "S22-S30 B13-B17 B24 P03 P06 P07 P24 P26 P27 P29 T3.1-T3.6 T3.9"),
    (("disconnections", "duplex"), "S31 B06 B10 P01 P08 P12 P15-P17 P32 T3.12-T3.16 T3.20 T3.21"),
    (("manager", "fanout"), "S32-S36 B01 B02 B07-B11 B20 B21 P09 P10 P14"),
    (("testing",), "P25 T4.1-T4.7"),
    (("structure",), "S39 P14 P22-P24"),
    (("security",), "B12-B14 P06 P20 P21 P27 P30 P31"),
    (("scale_out",), "S37 S38 B18 P05 P11"),
    (("deploy",), "S04-S07 S10 P15 P17-P19 P31 P32"),
]


def expand(keys: str) -> list[str]:
    """Return the keys of a list with ranges: `S01-S03 T3.1` is S01, S02, S03, T3.1."""
    result = []
    for part in keys.split():
        first, _, last = part.partition("-")
        prefix, low = re.fullmatch(r"(T\d\.|[A-Z])(\d+)", first).groups()  # type: ignore[union-attr]
        width = 0 if prefix.startswith("T") else 2
        high = (last or first).removeprefix(prefix)
        result += [f"{prefix}{number:0{width}}" for number in range(int(low), int(high) + 1)]
    return result


KNOWN = expand("S01-S39 B01-B24 P01-P33 T3.1-T3.22 T4.1-T4.7")
DUE = [(slugs, key) for slugs, keys in ASSIGNED for key in expand(keys)]


def rows() -> list[tuple[str, str, str]]:
    """Return key, file and cell id of each row of the table."""
    found = [ROW.fullmatch(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
    return [(row[1], row[2], row[3]) for row in found if row and row[1] != "key"]


@cache
def cells(file: str) -> frozenset[str]:
    return frozenset(cell["id"] for cell in read(COURSE.root / file)["cells"])


def test_ranges() -> None:
    assert expand("S09-S11 T3.9-T3.10 B02") == ["S09", "S10", "S11", "T3.9", "T3.10", "B02"]


def test_each_item_has_a_lesson() -> None:
    assert set(KNOWN) == {key for _, keys in ASSIGNED for key in expand(keys)}


def test_no_row_is_unreadable() -> None:
    table = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    assert len(rows()) == len(table) - 2
    assert len(set(rows())) == len(rows())


@pytest.mark.parametrize(("key", "file", "cell"), rows())
def test_row_names_a_cell(key: str, file: str, cell: str) -> None:
    assert key in KNOWN
    assert re.fullmatch(r"(notebooks|solutions)/\d\d_\w+\.ipynb", file), "a cell of a lesson or of a solution"
    assert cell in cells(file), f"{file} has no cell {cell}"


@pytest.mark.parametrize(("slugs", "key"), DUE, ids=lambda value: value if isinstance(value, str) else value[-1])
def test_item_is_shown_where_it_belongs(slugs: tuple[str, ...], key: str) -> None:
    lessons = [lesson.stem for lesson in COURSE.lessons if lesson.slug in slugs]
    files = {f"{folder}/{stem}.ipynb" for folder in ("notebooks", "solutions") for stem in lessons}
    assert any(row == key and file in files for row, file, _ in rows()), f"no cell of {sorted(files)} shows {key}"
