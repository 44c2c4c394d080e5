"""Files of the course's own: replaced whole, backed up under a time stamp, and where the course's state lies."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

STATE_FOLDER = Path(".course")
"""The folder for everything that the course writes for itself, relative to the course's folder; git ignores it."""
BACKUPS = STATE_FOLDER / "backups"


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whose folder must exist; a reader sees the old file or the new one, never half of one.

    A symbolic link at `path` is replaced, not followed. Raises OSError; `path` is then as it was.
    Source: rename(2), "if newpath already exists, it will be atomically replaced".
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def back_up(path: Path, folder: Path) -> Path:
    """Copy the file `path` into `folder`, which is made where it is missing, and return the copy's path.

    The copy's name holds the time, so that no backup replaces another. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{path.stem}.{stamp()}{path.suffix}"
    shutil.copy2(path, kept)
    return kept


def stamp() -> str:
    """Return the local time to the microsecond, as a part of a file name that sorts by time."""
    return datetime.now().strftime("%Y%m%d-%H%M%S-%f")
