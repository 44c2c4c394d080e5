"""The ring buffer that uvicorn, websockets and asyncio log to while a server runs."""

from __future__ import annotations

import contextvars
import logging
import re
from collections import deque

SIZE = 1000
LOGGERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "websockets", "asyncio")
_TASK = re.compile(r"Task .*\n(?:future|task): <Task [^>]*?name='Task-(\d+)'")
_UNDERLINE = re.compile(r"[ ^~]*[\^~][ ^~]*")
_FILE = re.compile(r'File "([^"]+)"')
_CELL = re.compile(r"[\\/]ipykernel_\d+[\\/]")  # ipykernel names a cell's file ipykernel_<pid>/<hash>.py
current: contextvars.ContextVar[LogBuffer] = contextvars.ContextVar("course_app.serving.logs.current")
_buffers: list[LogBuffer] = []


class LogBuffer:
    """The last records of one server, oldest first.

    Nothing of it goes to stderr: strict nbval fails on it, and nbgrader gives a cell that writes there no points.
    """

    def __init__(self, size: int = SIZE) -> None:
        self._records: deque[tuple[int, str]] = deque(maxlen=size)
        self._count = 0
        self.first_task = (
            0  # the number in the name of the server's own task; the tasks of its endpoints have higher ones
        )

    def append(self, level: int, text: str) -> None:
        """Add one record of logging level `level`."""
        self._count += 1
        self._records.append((level, text))

    def lines(self) -> list[str]:
        """Return all lines that are still held."""
        return [line for level, text in self._records for line in f"{logging.getLevelName(level)}: {text}".splitlines()]

    def clear(self) -> None:
        """Forget all lines."""
        self._records.clear()

    def mark(self) -> int:
        """Return the number of records so far, for `last_error`."""
        return self._count

    def last_error(self, since: int = 0) -> str | None:
        """Return the last line of the last error logged after the first `since` records, or None."""
        recent = list(self._records)[-max(self._count - since, 0) :] if self._count > since else []
        errors = [text for level, text in recent if level >= logging.ERROR]
        return _last_line(errors[-1]) if errors else None

    def errors(self) -> str:
        """Return the whole text of every error that is held, oldest first, or `(no errors)`.

        The text is the same on every machine: a path begins behind `site-packages` or with the file's own name, a cell
        is called `<notebook>`, and the lines that underline a part of a call are left out.
        """
        found = [text for level, text in self._records if level >= logging.ERROR]
        return "\n".join(map(_portable, found)) or "(no errors)"

    def startup_error(self) -> str | None:
        """Return the last line of the error that ended the app's startup, or None.

        The app's own error comes first; uvicorn's "Application startup failed. Exiting." follows it.
        """
        errors = [text for level, text in self._records if level >= logging.ERROR]
        return _last_line(errors[0]) if errors else None

    def __str__(self) -> str:
        """Return the lines as one text."""
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        """Return the text, so that a cell which ends in `server.logs` shows it."""
        return str(self) or "(nothing logged)"


class _Handler(logging.Handler):
    """Sends each record to the buffer of the server in whose context it was logged, or to all of them.

    asyncio logs an exception that was never retrieved when the garbage collector finds the task, in any context.
    A task that is older than a server belongs to another one.
    """

    def emit(self, record: logging.LogRecord) -> None:
        own, text = current.get(None), self._text(record)
        found = _TASK.match(text) if record.name == "asyncio" else None
        for buffer in [own] if own is not None else _buffers:
            if found is None or int(found[1]) >= buffer.first_task:
                buffer.append(record.levelno, text)

    def _text(self, record: logging.LogRecord) -> str:
        """Return the record as text; a call whose arguments do not fit must not end the endpoint that makes it."""
        try:
            return self.format(record)
        except Exception as error:
            return f"a log call cannot be formatted ({error}): {record.msg!r} with {record.args!r}"


_handler = _Handler(logging.INFO)


def attach(buffer: LogBuffer) -> None:
    """Send the loggers' records to `buffer`, and none of them to stderr, from now on."""
    _buffers.append(buffer)
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if _handler not in logger.handlers:
            logger.addHandler(_handler)
        logger.propagate = False
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.INFO)
    apps = logging.getLogger("course")  # the brokers of our apps; it propagates to other handlers
    if _handler not in apps.handlers:
        apps.addHandler(_handler)
    for name in ("uvicorn.error", "uvicorn.access", "uvicorn.asgi"):  # else a record would arrive twice
        logging.getLogger(name).propagate = False


def detach(buffer: LogBuffer) -> None:
    """Stop sending records to `buffer`, unless it is the last: a late record must not go to stderr either."""
    if len(_buffers) > 1 and buffer in _buffers:
        _buffers.remove(buffer)


def _portable(text: str) -> str:
    """Return a traceback without what differs from machine to machine or between versions of Python."""
    lines = [line for line in text.splitlines() if not _UNDERLINE.fullmatch(line)]
    return "\n".join(_FILE.sub(lambda match: f'File "{_short_path(match[1])}"', line) for line in lines)


def _short_path(path: str) -> str:
    if _CELL.search(path):
        return "<notebook>"
    path = path.replace("\\", "/")
    _, is_library, rest = path.rpartition("/site-packages/")
    if is_library:
        return rest
    _, is_ours, rest = path.rpartition("/course_app/")
    return f"course_app/{rest}" if is_ours else path.rpartition("/")[2]


def _last_line(text: str) -> str:
    """Return the line that names the error: the last one that is not indented and is no note of a group."""
    found = [line for line in text.splitlines() if re.match(r"[A-Za-z_][\w.]*(:|$)", line)]
    return found[-1] if found else text.strip().splitlines()[-1]
