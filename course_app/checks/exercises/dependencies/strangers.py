"""Clients that have to be refused, in an order that no answer can learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ...context import CheckContext
from ...expectations import expect_refusal_before_accept
from ...failures import CheckFailed
from ...rules import Rule, is_server_error

CRASHED = Rule(is_server_error, "crashed")


class Stranger(NamedTuple):
    """A client without the right to connect: its path, the diagnosis of an answer that lets it in, and its headers."""

    path: str
    diagnosis: str
    headers: dict[str, str] | None = None


async def refuse_strangers(context: CheckContext, strangers: Sequence[Stranger]) -> None:
    """Expect HTTP 403 before accept for every stranger; they come in random order.

    Raises the CheckFailed of the first in `strangers` that was not refused so: put the plainest mistake first.
    """
    failures: dict[int, CheckFailed] = {}
    for number in context.random.sample(range(len(strangers)), len(strangers)):
        stranger, options = strangers[number], dict[str, Any]()
        if stranger.headers:
            options["headers"] = stranger.headers
        try:
            name = f"Stranger {number + 1}"
            await expect_refusal_before_accept(
                context, name, stranger.path, stranger.diagnosis, rules=[CRASHED], **options
            )
        except CheckFailed as failed:
            failures[number] = failed
    if failures:
        raise failures[min(failures)]
