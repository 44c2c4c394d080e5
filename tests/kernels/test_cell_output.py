"""What a cell gave: messages in, outputs in nbformat's shape and an ending in words out, within bounds."""

from __future__ import annotations

from typing import Any

import pytest

from course_app.kernels.cell_output import CellOutput
from course_app.kernels.channels import Message

TRACEBACK = ["\x1b[31mZeroDivisionError\x1b[0m", "Cell In[1], line 2\n      1 x = 1\n----> 2 1 / 0\n", "error"]


def of(kind: str, parent: str = "id", **content: Any) -> Message:
    return Message(kind, parent, content)


def test_outputs_are_in_nbformats_shape_and_in_order():
    output = CellOutput("id")
    output.take_output(of("stream", name="stdout", text="1"))
    output.take_output(of("display_data", data={"text/plain": "2"}, metadata={}, transient={}))
    output.take_output(of("execute_result", data={"text/plain": "3"}, metadata={}, execution_count=4))
    output.take_output(of("error", ename="E", evalue="v", traceback=[], more=1))
    assert output.outputs == [
        {"output_type": "stream", "name": "stdout", "text": "1"},
        {"output_type": "display_data", "data": {"text/plain": "2"}, "metadata": {}},
        {"output_type": "execute_result", "data": {"text/plain": "3"}, "metadata": {}, "execution_count": 4},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": []},
    ]


@pytest.mark.parametrize(
    "message",
    [of("stream", "another", name="stdout", text="1"), of("stream", name="stdout"), of("error"), of("comm_open")],
)
def test_messages_of_other_cells_and_incomplete_ones_are_no_output(message):
    output = CellOutput("id")
    output.take_output(message)
    assert output.outputs == [] and not output.changed.is_set()


def test_a_cell_is_done_when_it_was_replied_to_and_all_of_its_output_has_come():
    output = CellOutput("id")
    output.take_reply(of("execute_reply", "another", status="ok"))
    assert output.status() is None
    output.take_reply(of("execute_reply", status="ok"))
    assert output.status() is None and output.changed.is_set()
    output.take_output(of("status", execution_state="busy"))
    assert not output.done
    output.take_output(of("status", execution_state="idle"))
    assert output.done and output.status() == "ok"


@pytest.mark.parametrize("status", ["error", "aborted", None, 5])
def test_any_other_reply_is_an_error(status):
    output = CellOutput("id")
    output.take_reply(of("execute_reply", status=status))
    output.take_output(of("status", execution_state="idle"))
    assert output.status() == "error"


def test_above_the_limit_only_small_messages_are_worth_reading():
    output = CellOutput("id", most=10_000)
    assert output.wants(9_000) and output.status() is None
    assert not output.wants(9_000)
    assert output.truncated and output.status() == "flood" and output.changed.is_set()
    assert output.wants(100), "it may say that the kernel is idle"
    output.take_output(of("stream", name="stdout", text="1"))
    assert output.outputs == []


def test_details_name_the_line_of_the_cell():
    output = CellOutput("id", most=1_000_000)
    output.reply = {"ename": "ZeroDivisionError", "evalue": "division by zero", "traceback": TRACEBACK}
    where = ", in line 2: 1 / 0"
    assert output.detail("error", 2.0, "") == f"ZeroDivisionError: division by zero{where}"
    assert output.detail("timeout", 2.5, "") == f"it was still running after 2.5 s{where}"
    assert output.detail("flood", 2.0, "") == f"it printed more than 1,000,000 bytes{where}"
    assert output.detail("dead", 2.0, "it ended") == "it ended"
    assert output.detail("ok", 2.0, "it ended") == ""


@pytest.mark.parametrize("traceback", [5, None, "text", [5, None], {}, []])
def test_a_traceback_of_any_shape_names_no_line(traceback):
    output = CellOutput("id")
    output.reply = {"ename": "E", "evalue": "bad (123.py, line 4)", "traceback": traceback}
    assert output.detail("error", 1.0, "") == "E: bad (line 4)"


def test_a_long_detail_is_cut():
    output = CellOutput("id")
    output.reply = {"ename": "E", "evalue": "x" * 10_000}
    assert len(output.detail("error", 1.0, "")) == 300
