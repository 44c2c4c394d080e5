"""The pytest plugin: with --nbval, the course's notebooks are collected by the course's own collectors.

Every pytest run in the environment imports this module, so it imports nothing slow.
"""

from __future__ import annotations

from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

FOLDERS = ("notebooks", "solutions", "exercises")

ASYNCIO_OPTIONS = ("asyncio_mode", "asyncio_default_fixture_loop_scope")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Know the options of pytest-asyncio where a learner has none: pyproject.toml sets them, and is read strictly."""
    if find_spec("pytest_asyncio") is None:
        for name in ASYNCIO_OPTIONS:
            parser.addini(name, "for pytest-asyncio, which the project's own tests need")


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Generator[None, Any, Any]:
    """Replace nbval's collector by the course's, for a notebook in one of the course's folders."""
    collectors = yield
    if file_path.suffix != ".ipynb" or not _validating(parent.config) or not _in_course(file_path):
        return collectors
    from nbval.plugin import IPyNbFile

    from .collectors import collector_class

    kind = collector_class(file_path)
    own = kind.from_parent(parent, path=file_path)
    return [own if type(collector) is IPyNbFile else collector for collector in collectors]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let a warning of Jupyter's own fail no notebook: pyproject.toml makes errors of them, for the project's tests."""
    if item.path.suffix == ".ipynb" and _validating(item.config):
        item.add_marker(pytest.mark.filterwarnings("default"))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """List the changes that were made when learners' notebooks were rebuilt."""
    if not _validating(config):
        return
    from .collectors import NOTES

    if notes := config.stash.get(NOTES, []):
        terminalreporter.section("rebuilt notebooks", sep="-")
        for line in notes:
            terminalreporter.write_line(line)


def _validating(config: pytest.Config) -> bool:
    return bool(config.getoption("nbval", False) or config.getoption("nbval_lax", False))


def _in_course(path: Path) -> bool:
    return path.parent.name in FOLDERS and (path.parent.parent / "course.toml").is_file()
