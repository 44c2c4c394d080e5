"""docs/architecture.md names files that exist."""

from __future__ import annotations

import re

from tests.support.paths import ROOT

TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "course_app"


def section(title: str) -> str:
    """Return the text between the heading `title` and the next one."""
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_place_that_answers_a_question_exists() -> None:
    rows = [row for row in section("Where is …?").splitlines() if row.startswith("| ")][1:]
    assert len(rows) >= 12
    for row in rows:
        paths = re.findall(r"`((?:\w+/)+[\w<>.]+\.(?:py|toml))`", row)
        assert paths, row
        for path in paths:
            assert list(PACKAGE.glob(path.replace("<slug>", "*"))), path


def test_every_name_that_a_place_is_given_for_is_in_its_file() -> None:
    found = re.findall(r"`([\w/]+\.py)`, `([\w.]+)`", section("Where is …?"))
    assert ("kernels/sandbox/policy.py", "Limits.memory") in found
    for path, name in found:
        source = (PACKAGE / path).read_text(encoding="utf-8")
        for part in name.split("."):
            assert re.search(rf"\b(?:def|class) {part}\b|^    {part}: ", source, re.MULTILINE), f"{path}: {name}"


def test_the_layout_lists_every_module_and_package_of_the_first_level() -> None:
    layout = TEXT.partition("course_app/\n")[2].partition("```")[0]
    listed = set(re.findall(r"^  (\w+(?:\.py|/))\s", layout, re.MULTILINE))
    there = {f"{path.name}/" if path.is_dir() else path.name for path in PACKAGE.iterdir() if path.name[0].isalpha()}
    assert listed == (there - {"__pycache__/"}) | {"__init__.py"}
