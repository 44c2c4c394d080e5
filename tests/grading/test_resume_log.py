"""Results that were stored are found again, and half a line is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_app.grading.resume_log import ResumeLog


def test_a_stored_result_is_found_by_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    with ResumeLog(path, resume=False) as log:
        log.add("key", {"passed": True})
        assert path.read_text(encoding="utf-8").endswith("\n"), "it is in the file at once"
        assert log.find("key") is None, "a run takes over earlier runs' results only"
    with ResumeLog(path, resume=True) as log:
        assert (log.find("key"), log.find("other")) == ({"passed": True}, None)
        log.add("other", {})
    with ResumeLog(path, resume=True) as log:
        assert log.find("key") is not None and log.find("other") == {}


def test_without_resume_the_file_is_emptied(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"key": "a", "result": {}}\n', encoding="utf-8")
    with ResumeLog(path, resume=False) as log:
        assert log.find("a") is None
    assert path.read_bytes() == b""


@pytest.mark.parametrize("line", [b'{"key": "b", "res', b"[]", b'{"key": "b"}', b"7", b"", b"\xff\xfe"])
def test_a_line_that_was_interrupted_is_left_out(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"key": "a", "result": {"n": 1}}\n' + line)
    with ResumeLog(path, resume=True) as log:
        assert (log.find("a"), log.find("b")) == ({"n": 1}, None)
