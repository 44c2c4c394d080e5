"""Errors that are one line: what is wrong, and how to fix it."""

from __future__ import annotations


class CourseError(Exception):
    """A mistake that the user can fix.

    The message is one line that names the file, cell or option and how to fix it.
    """

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback: the one line.

        Source: IPython documentation, "Custom traceback rendering".
        """
        return [f"{type(self).__name__}: {self}"]


class ManifestError(CourseError):
    """course.toml is missing, cannot be read, or holds a value that is not allowed."""


class NotebookError(CourseError):
    """A notebook file cannot be read or written, or its content is not what is required."""
