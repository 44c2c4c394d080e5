"""The outputs of one cell, in nbformat's shape and bounded in size, and how the cell ended."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .channels import Message

MAX_OUTPUT_BYTES = 1_000_000
"""The most output, in bytes of messages, that one cell may have."""

_SMALL_BYTES = 4096  # a message of this size cannot be the flood itself, and may be the one that says "idle"
_DETAIL_CHARACTERS = 300
_LINE_CHARACTERS = 120
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_CELL_FILE = re.compile(r"\(\d+\.py, line (\d+)\)")
_ARROW = re.compile(r"^-+> *(\d+) (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class CellResult:
    """The result of one cell.

    `status` is `ok`, `error` (it raised), `timeout`, `flood` (it printed more than it may), `dead` (the kernel ended)
    or `not_reached` (the kernel had ended before).
    `outputs` are in nbformat's shape; `truncated` says that some of them were dropped.
    `detail` says in words what was raised, what was waited for, or how the kernel ended.
    `seconds` is the time that it took.
    """

    status: str
    outputs: tuple[dict[str, Any], ...] = ()
    truncated: bool = False
    detail: str = ""
    seconds: float = 0.0


class CellOutput:
    """The outputs and the reply of a cell that is being executed; `changed` is set whenever something has come.

    `request` is the id of the execute_request, `most` the bytes of messages that its outputs may have together.
    `outputs`, `truncated` and `reply` (the content of the execute_reply, or None) are what has come so far.
    """

    def __init__(self, request: str, most: int = MAX_OUTPUT_BYTES) -> None:
        self.request = request
        self.most = most
        self.outputs: list[dict[str, Any]] = []
        self.truncated = False
        self.reply: dict[str, Any] | None = None
        self.changed = asyncio.Event()
        self._idle = False
        self._bytes = 0

    @property
    def done(self) -> bool:
        """Whether the cell has been replied to and all of its output has come."""
        return self.reply is not None and self._idle

    def wants(self, size: int) -> bool:
        """Count a message of that many bytes, and return whether it is worth reading."""
        self._bytes += size
        if self._bytes > self.most and not self.truncated:
            self.truncate()
        return not self.truncated or size <= _SMALL_BYTES

    def truncate(self) -> None:
        """Take no more outputs."""
        self.truncated = True
        self.changed.set()

    def take_reply(self, message: Message) -> None:
        """Take a message of the shell channel, if it replies to this cell."""
        if message.parent == self.request:
            self.reply = message.content
            self.changed.set()

    def take_output(self, message: Message) -> None:
        """Take a message of the iopub channel, if it belongs to this cell."""
        if message.parent != self.request:
            return
        if message.kind == "status" and message.content.get("execution_state") == "idle":
            self._idle = True
            self.changed.set()
        elif not self.truncated:
            with contextlib.suppress(KeyError):  # the learner's code can sign what it likes
                self.outputs += _in_nbformat(message.kind, message.content)

    def status(self) -> str | None:
        """Return `flood`, `ok` or `error`, or None while none of them is certain."""
        if self.truncated:
            return "flood"
        if self.reply is None or not self._idle:
            return None
        return "ok" if self.reply.get("status") == "ok" else "error"

    def detail(self, status: str, timeout: float, ending: str) -> str:
        """Return in words how the cell came to `status`.

        `timeout` is the seconds that it had, `ending` how the kernel has ended or that it lives.
        """
        reply = self.reply or {}
        if status == "error":
            text = _CELL_FILE.sub(r"(line \1)", str(reply.get("evalue", "")))
            return f"{reply.get('ename', 'Error')}: {text}".rstrip(": ")[:_DETAIL_CHARACTERS] + _location(reply)
        if status == "timeout":
            return f"it was still running after {timeout:g} s" + _location(reply)
        if status == "flood":
            return f"it printed more than {self.most:,} bytes" + _location(reply)
        return ending if status == "dead" else ""


def _in_nbformat(kind: str, content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the output that a message of the iopub channel stands for, or none. Raises KeyError for a part of one."""
    if kind == "stream":
        return [{"output_type": "stream", "name": content["name"], "text": content["text"]}]
    if kind == "error":
        return [{"output_type": "error", **{key: content[key] for key in ("ename", "evalue", "traceback")}}]
    if kind not in ("display_data", "execute_result"):
        return []
    output = {"output_type": kind, "data": content["data"], "metadata": content["metadata"]}
    if kind == "execute_result":
        output["execution_count"] = content["execution_count"]
    return [output]


def _location(reply: Mapping[str, Any]) -> str:
    """Return the line of the cell that a traceback points at, worded to end a sentence, or "".

    The learner's code can sign a reply of its own, with any traceback.
    """
    lines = reply.get("traceback")
    traceback = _ANSI.sub("", "\n".join(map(str, lines))) if isinstance(lines, list) else ""
    found = list(_ARROW.finditer(traceback.partition("Cell In")[2].partition("File ")[0]))
    return f", in line {found[-1][1]}: {found[-1][2].strip()[:_LINE_CHARACTERS]}" if found else ""
