"""Each learner's own copy of the course, made at the first start of their server and updated at later ones.

It runs as the learner, before their server, and so writes with the learner's own rights.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from ..errors import CourseError
from ..storage import BACKUPS, STATE_FOLDER, back_up, write_atomically

PARTS = ("course.toml", "README.md", "docs", "notebooks", "exercises", "solutions")
WORK = "exercises"
RECORD = STATE_FOLDER / "handout.json"
NEWS = "UPDATES.md"
_SKIPPED = {".ipynb_checkpoints", "__pycache__"}


@dataclass(frozen=True)
class Update:
    """One file that changed in the course after the learner had changed theirs.

    `kept` is the path of the learner's version: a backup, or the file itself where it was not replaced.
    """

    file: str
    kept: str

    def __str__(self) -> str:
        if self.kept == self.file:
            slug = Path(self.file).stem.partition("_")[2]
            fresh = f"`course reset {slug}` fetches the new one and keeps yours"
            return f"`{self.file}` has changed in the course. Yours is as you left it; {fresh}."
        return f"`{self.file}` is new. The one that you had changed is in `{self.kept}`."


def hand_out(source: Path, folder: Path) -> list[Update]:
    """Copy the course in `source` into `folder`, and return the files that both course and learner had changed.

    A file that the learner has not changed is updated. An exercise that they have changed is never touched; any other
    file of theirs is backed up before it is replaced. Files that the course does not have stay.
    Raises CourseError where something cannot be read or written; every file is then either old or new.
    """
    try:
        return _hand_out(source, folder)
    except OSError as error:
        file = error.filename or folder
        raise CourseError(f"{file} cannot be handed out: {error.strerror}; check permissions and free space") from error


def _hand_out(source: Path, folder: Path) -> list[Update]:
    (folder / RECORD.parent).mkdir(parents=True, exist_ok=True)
    record = _read_record(folder / RECORD)
    updates = []
    for file in files(source):
        data = (source / file).read_bytes()
        new, own, given = _digest(data), _digest_of(folder / file), record.get(file)
        if own is None or own == given != new:
            _write(folder / file, data)
        elif own not in (given, new) and new != given:
            updates.append(_resolve(folder, file, data))
        record[file] = new
    _write(folder / RECORD, json.dumps(record, indent=1, sort_keys=True).encode())
    if updates:
        _append_news(folder / NEWS, updates)
    return updates


def files(source: Path) -> Iterator[str]:
    """Yield every file of the course that a learner gets, relative to `source`, with forward slashes."""
    for part in PARTS:
        place = source / part
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.is_file() and not _SKIPPED & set(path.parts):
                yield path.relative_to(source).as_posix()


def _resolve(folder: Path, file: str, data: bytes) -> Update:
    """Update a file that both the course and the learner have changed, and return what was done."""
    if file.startswith(f"{WORK}/"):
        return Update(file, file)
    own = folder / file
    kept = back_up(own, folder / BACKUPS)
    _write(own, data)
    return Update(file, kept.relative_to(folder).as_posix())


def _append_news(path: Path, updates: list[Update]) -> None:
    """Append `updates` to a page in the learner's folder, newest last."""
    head = "" if path.exists() else "# What changed in the course\n"
    lines = "".join(f"- {update}\n" for update in updates)
    with path.open("a", encoding="utf-8") as page:
        page.write(f"{head}\n## {datetime.now():%Y-%m-%d %H:%M}\n\n{lines}")


def _read_record(path: Path) -> dict[str, str]:
    """Return the digest of each file as it was last handed out. Without a record, all differences are the learner's."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, data)


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def _digest_of(path: Path) -> str | None:
    return _digest(path.read_bytes()) if path.exists() else None
