"""Each learner's own copy of the course, made at the first start and kept up to date at later ones.

It runs as the learner, before their server: what it writes, it writes with the learner's own rights.
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

    `kept` is where the learner's own version now lies: a backup, or the file itself where it was left alone.
    """

    file: str
    kept: str

    def __str__(self) -> str:
        if self.kept == self.file:
            slug = Path(self.file).stem.partition("_")[2]
            fresh = f"`course reset {slug}` fetches the new one and keeps yours"
            return f"`{self.file}` has changed in the course. Yours is as you left it; {fresh}."
        return f"`{self.file}` is new. The one that you had changed is in `{self.kept}`."


def hand_out(source: Path, home: Path) -> list[Update]:
    """Bring the course in `source` into the folder `home`, and return what met a learner's own changes.

    A file that the learner has not changed follows the course. An exercise that they have changed is never touched;
    any other file of theirs is backed up before the new one takes its place. Files that the course does not have
    stay. Raises CourseError where something cannot be read or written; every file is then either old or new.
    """
    try:
        return _hand_out(source, home)
    except OSError as error:
        raise CourseError(
            f"{error.filename or home} cannot be handed out: {error.strerror}; check its folder's permissions and space"
        ) from error


def _hand_out(source: Path, home: Path) -> list[Update]:
    (home / RECORD.parent).mkdir(parents=True, exist_ok=True)
    record = _read_record(home / RECORD)
    updates = []
    for file in files(source):
        data = (source / file).read_bytes()
        new, own, given = _digest(data), _digest_of(home / file), record.get(file)
        if own is None or own == given != new:
            _write(home / file, data)
        elif own not in (given, new) and new != given:
            updates.append(_meet(home, file, data))
        record[file] = new
    _write(home / RECORD, json.dumps(record, indent=1, sort_keys=True).encode())
    if updates:
        _tell(home / NEWS, updates)
    return updates


def files(source: Path) -> Iterator[str]:
    """Yield every file of the course that a learner gets, relative to `source`, with forward slashes."""
    for part in PARTS:
        place = source / part
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.is_file() and not _SKIPPED & set(path.parts):
                yield path.relative_to(source).as_posix()


def _meet(home: Path, file: str, data: bytes) -> Update:
    """The course and the learner have both changed a file."""
    if file.startswith(f"{WORK}/"):
        return Update(file, file)
    own = home / file
    kept = back_up(own, home / BACKUPS)
    _write(own, data)
    return Update(file, kept.relative_to(home).as_posix())


def _tell(path: Path, updates: list[Update]) -> None:
    """Add what happened to a page that the learner finds beside the lessons, newest last."""
    head = "" if path.exists() else "# What changed in the course\n"
    lines = "".join(f"- {update}\n" for update in updates)
    with path.open("a", encoding="utf-8") as page:
        page.write(f"{head}\n## {datetime.now():%Y-%m-%d %H:%M}\n\n{lines}")


def _read_record(path: Path) -> dict[str, str]:
    """Return the digest of each file as it was last handed out. Without a record, all that differs is the learner's."""
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
