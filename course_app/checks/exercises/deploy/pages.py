"""HTTP requests to the servers of an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ....display.events import SENT
from ...context import CheckContext
from ...failures import CheckFailed
from ...http import ResponseLost, complete_response
from ...received import Received
from ...retries import doubling, eventually

if TYPE_CHECKING:
    from ....serving.server import Server


async def get(context: CheckContext, server: Server | str, path: str) -> Received:
    """Send a GET request to one of the answer's servers, and return the response.

    Raises CheckFailed with `no-answer`, `no-http` (the connection broke), `no-page` (404) or `page-raised` (500).
    """
    context.expected.add("HTTP", SENT, f"GET {path}")
    try:
        got = await complete_response(server, "GET", path, context.patience, {})
    except ResponseLost as error:
        context.fail("no-http", path=path, error=error)
    if got.nothing:
        context.fail_waiting("no-answer", path=path)
    if got.status == 404:
        context.fail("no-page", path=path)
    if got.status == 500:
        await context.fail_for(got, "page-raised", path=path)
    return got


async def soon(context: CheckContext, look: Callable[[], Awaitable[None]]) -> None:
    """Await `look()` until it finds nothing wrong: an answer gets a moment to notice who came and left."""

    def retry(failed: CheckFailed) -> bool:
        return not failed.waited and failed.diagnosis not in ("no-page", "page-raised")

    await eventually(look, doubling(context.patience / 2), retry)
