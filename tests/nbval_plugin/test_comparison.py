"""The comparison of captured outputs is strict nbval's."""

from __future__ import annotations

import nbformat
import pytest

from course_app.nbval_plugin import comparison


def cell(source: str, *outputs: dict, **metadata: object) -> dict:
    return {
        "cell_type": "code",
        "id": "a",
        "metadata": metadata,
        "source": source,
        "outputs": list(outputs),
        "execution_count": 1,
    }


def shown(text: str) -> dict:
    return {"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": 1}


def printed(text: str, name: str = "stdout") -> dict:
    return {"output_type": "stream", "name": name, "text": text}


@pytest.mark.parametrize(
    ("stored", "status", "outputs", "accepted"),
    [
        (cell("1", shown("1")), "ok", [shown("1")], True),
        (cell("1", shown("1")), "ok", [shown("2")], False),
        (cell("1", shown("1")), "ok", [], False),
        (cell("1"), "ok", [printed("x")], False),
        (cell("1", printed("ab")), "ok", [printed("a"), printed("b")], True),
        (cell("1"), "ok", [printed("x", "stderr")], False),
        (cell("1"), "error", [], False),
        (cell("1", tags=["raises-exception"]), "error", [], True),
        (cell("1", tags=["nbval-ignore-output"]), "ok", [printed("x")], True),
        (cell("# NBVAL_SKIP\n1", shown("1")), "timeout", [], True),
        (cell("1"), "flood", [], False),
    ],
)
def test_the_comparison_is_strict_nbvals(stored, status, outputs, accepted):
    found = comparison.mismatch(stored, status, tuple(outputs))
    assert (found is None) is accepted
    assert found is None or found.reason


def test_what_is_left_out_is_what_the_collector_leaves_out(tmp_path, pytestconfig):
    from course_app.nbval_plugin.collectors import CourseFile

    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "a.ipynb")
    config = pytestconfig.__class__.fromdictargs({"nbval": True}, [str(tmp_path)])
    session = pytest.Session.from_config(config)
    collector = CourseFile.from_parent(session, path=tmp_path / "a.ipynb")
    assert sorted(collector.skip_compare) == sorted(comparison.SKIPPED)
