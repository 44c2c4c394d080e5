"""Generated files: compared with what they should be, and written where they differ."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from ..nb import files


@dataclass(frozen=True)
class Change:
    """A file that differs, or differed, from what it should be; `diff` is the unified diff between the two."""

    path: Path
    diff: str


def update(path: Path, text: str, root: Path, *, check: bool) -> list[Change]:
    """Bring the file `path` to hold `text`, and return the change: a list of one, or empty where there was none.

    The diff names the file relative to `root`. With `check` nothing is written. Raises NotebookError.
    """
    old = path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
    if old == text:
        return []
    if not check:
        path.parent.mkdir(exist_ok=True)
        files.write_text(path, text)
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    lines = difflib.unified_diff(old.splitlines(True), text.splitlines(True), f"{name} (now)", f"{name} (should be)")
    return [Change(path, "".join(lines))]
