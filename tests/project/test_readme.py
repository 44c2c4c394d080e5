"""README, CONTRIBUTING and STYLE: the table is the manifest's, and every link and command leads somewhere."""

from __future__ import annotations

import re

import pytest

from course_app.authoring import readme_table
from course_app.cli import COMMANDS
from tests.support.paths import ROOT

PAGES = ("README.md", "CONTRIBUTING.md", "STYLE.md", "CHANGELOG.md")
IMAGE_LIMIT = 200 * 1024  # bytes


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_files(name: str) -> None:
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", read(name)):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("name", PAGES)
def test_commands_exist(name: str) -> None:
    for command in re.findall(r"`(?:uv run )?course ([a-z]+)", read(name)):
        assert command in COMMANDS, command
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    for target in re.findall(r"(?:`|^    |^)make ([a-z]+)", read(name), re.MULTILINE):
        assert target in targets, target


def test_readme_is_one_screen() -> None:
    prose = re.sub(rf"{readme_table.BEGIN}.*{readme_table.END}", "", read("README.md"), flags=re.DOTALL)
    assert len(prose.split()) < 450


def test_images_are_small() -> None:
    for path in (ROOT / "docs" / "images").glob("*"):
        assert path.stat().st_size <= IMAGE_LIMIT, path.name
