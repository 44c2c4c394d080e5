"""How a check ends on a wrong answer."""

from __future__ import annotations

from typing import Any


class CheckFailed(Exception):
    """The answer is wrong.

    `diagnosis` is the id of the text in `course_app/messages/en/<slug>.toml`, such as `no-prefix`.
    `fields` fill that text's placeholders.
    `waited` says that something did not come in time, so that the outcome is `timed_out` and not `failed`.
    """

    def __init__(self, diagnosis: str, *, waited: bool = False, **fields: Any) -> None:
        super().__init__(diagnosis)
        self.diagnosis = diagnosis
        self.waited = waited
        self.fields = fields
