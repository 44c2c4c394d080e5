"""Find the line of the learner's code that a thread is executing, and describe it."""

from __future__ import annotations

import ast
import linecache
import os
import re
import site
import sys
import sysconfig
from collections.abc import Iterator
from itertools import islice
from types import CodeType, FrameType

LONGEST = 60  # characters of a line that a message shows
_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_LIBRARIES = tuple(
    os.path.realpath(folder) + os.sep
    for folder in {*sysconfig.get_paths().values(), *site.getsitepackages(), site.getusersitepackages(), _OURS}
    if folder != sysconfig.get_path("data")
)


def find_blocking_call(thread: int) -> tuple[str, str] | None:
    """Return the call that blocks the thread with the identity `thread`, and how to fix it, both as text.

    None where it is not in learner's code, or importing a module (which is slow once, and no mistake).
    """
    stack = list(_with_callers(sys._current_frames().get(thread)))
    if any(frame.f_code.co_filename.startswith("<frozen importlib") for frame in stack):
        return None
    found = next((frame for frame in stack if _is_learners(frame.f_code)), None)
    return _describe(found) if found is not None else None


def runs_learners_code(frame: FrameType | None) -> bool:
    """Return whether `frame`, or one of its callers, is of the learner's code."""
    return any(_is_learners(caller.f_code) for caller in _with_callers(frame))


def _with_callers(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _is_learners(code: CodeType) -> bool:
    name = code.co_filename
    if _in_cell(code):
        return True
    return not name.startswith("<") and not os.path.realpath(name).startswith(_LIBRARIES)


def _in_cell(code: CodeType) -> bool:
    """Return whether `code` comes from a cell: ipykernel names its files ipykernel_<pid>/<hash>.py."""
    return re.search(r"[\\/]ipykernel_\d+[\\/]", code.co_filename) is not None


def _describe(frame: FrameType) -> tuple[str, str]:
    call = _call(frame)
    where = f"at line {frame.f_lineno} of {_place(frame.f_code)}"
    if call is None:
        text = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
        return f"`{_short(text)}` {where}" if text else where, "put an `await` into it, or interrupt the kernel"
    if call.startswith(("time.sleep(", "sleep(")):
        return f"`{call}` {where}", f"write `await asyncio.{call.removeprefix('time.')}`"
    return f"`{call}` {where}", "use an async library, or `await asyncio.to_thread(…)`"


def _place(code: CodeType) -> str:
    in_cell = _in_cell(code)
    if code.co_name == "<module>" or code.co_name.startswith("<cell line"):
        return "this cell" if in_cell else os.path.basename(code.co_filename)
    if in_cell:
        return f"the cell that defines {code.co_name}()"
    return f"{os.path.basename(code.co_filename)}, in {code.co_name}()"


def _call(frame: FrameType) -> str | None:
    """Return the source of the call that the frame is in, or None where it is in no call."""
    positions = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), (None,) * 4)
    first, last, start, end = positions
    if first is None or first != last or start is None or end is None:
        return None
    line = linecache.getline(frame.f_code.co_filename, first).encode()
    text = line[start:end].decode(errors="replace")
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
    return _short(text) if isinstance(node, ast.Call) else None


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
