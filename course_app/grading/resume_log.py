"""Results of finished submissions in a file, so that an interrupted run can be resumed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class ResumeLog:
    """Results by key, one JSON object per line of a file; a context manager that closes the file.

    A key names everything that shapes a result: the submission's bytes, the exercise and the options.
    """

    def __init__(self, path: Path, resume: bool) -> None:
        """Open the log at `path`: with `resume` an earlier run's results are kept, else the file is emptied.

        Raises OSError where the file cannot be written.
        """
        self.path = path
        self._known: dict[str, dict[str, Any]] = {}
        if resume and path.is_file():
            self._read()
        self._file = path.open("a" if resume else "w", encoding="utf-8")

    def __enter__(self) -> ResumeLog:
        """Return the log itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def find(self, key: str) -> dict[str, Any] | None:
        """Return the result that an earlier run stored under `key`, or None."""
        return self._known.get(key)

    def add(self, key: str, result: dict[str, Any]) -> None:
        """Store a JSON-ready result under `key`; it is in the file when this returns. Raises OSError."""
        self._file.write(json.dumps({"key": key, "result": result}) + "\n")
        self._file.flush()

    def _read(self) -> None:
        with self.path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                try:
                    entry = json.loads(line)
                    self._known[entry["key"]] = entry["result"]
                except (ValueError, KeyError, TypeError):
                    continue  # the line that was being written when the run was interrupted
