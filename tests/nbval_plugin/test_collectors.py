"""Limits of the course's collectors, and cells that are not what they should be."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from course_app.nbval_plugin.collectors import CELL_TIMEOUT, NBVAL_TIMEOUT, bounded


@pytest.mark.parametrize(("given", "used"), [(NBVAL_TIMEOUT, CELL_TIMEOUT), (7, 7), (5000, 5000)])
def test_a_cell_has_a_minute_unless_somebody_says_otherwise(given: float, used: float) -> None:
    option = SimpleNamespace(nbval_cell_timeout=given)
    with bounded(option):
        assert option.nbval_cell_timeout == used
    assert option.nbval_cell_timeout == given
