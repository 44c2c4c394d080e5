"""Errors that tell a person what is wrong and the way out, in one line."""

from __future__ import annotations


class CourseError(Exception):
    """A mistake that a person can mend.

    The message is one line that names the file, cell or option and the way out.
    """

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback: the one line.

        Source: IPython documentation, "Custom traceback rendering".
        """
        return [f"{type(self).__name__}: {self}"]


class ManifestError(CourseError):
    """course.toml is missing, unreadable, or says something that makes no sense."""


class NotebookError(CourseError):
    """A notebook file cannot be read, or is not what it should be."""
