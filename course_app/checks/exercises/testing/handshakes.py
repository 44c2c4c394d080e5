"""Task 5: a test of who is refused before the connection is accepted."""

from __future__ import annotations

from collections.abc import Callable, Collection

from fastapi import WebSocket

from ...context import CheckContext
from ...faulty_servers import Behaviour, MakeBehaviour, mark, run_against_servers
from ...registry import task

KINDS = ("none", "empty", "wrong")  # what else a client can bring than the token `open`


def kind_of(token: str | None) -> str:
    """Return which of KINDS a token is, or `open`."""
    if token is None:
        return "none"
    return "open" if token == "open" else "wrong" if token else "empty"


def token_guard(
    *,
    accepted: Collection[str] = ("open",),
    greeting: str = "welcome",
    refusal: str = "close",
    refused_so: Collection[str] = KINDS,
) -> Behaviour:
    """Return a server that accepts clients with the token `open` only, with the given fault.

    `accepted`: the kinds of token that are accepted instead. `greeting`: what an accepted client gets, if anything.
    `refusal`: `close` before accept (HTTP 403), `accept first`, or `crash` (HTTP 500), for the kinds in `refused_so`.
    """

    async def endpoint(websocket: WebSocket) -> None:
        kind = kind_of(websocket.query_params.get("token"))
        if (kind in accepted) is not (kind == "open"):
            mark(websocket)
        if kind in accepted:
            await websocket.accept()
            if greeting != "welcome":
                mark(websocket)
            if greeting:
                await websocket.send_text(greeting)
            await websocket.receive()
            return
        if refusal != "close" and kind in refused_so:
            mark(websocket)
            if refusal == "crash":
                raise RuntimeError("no such token")
            await websocket.accept()
        await websocket.close(1008)

    return endpoint


def for_each_kind(make: Callable[[str], Behaviour]) -> list[MakeBehaviour]:
    """Return a server for each of KINDS, made by `make(kind)`."""
    return [lambda kind=kind: make(kind) for kind in KINDS]  # type: ignore[misc]


@task("testing.5")
async def tests_a_refusal(context: CheckContext) -> None:
    """The learner's test passes a server that refuses all tokens but `open` with HTTP 403, and fails the wrong ones.

    Wrong: everyone is accepted, nobody is, an empty, a wrong or no token is, the text is no `welcome`, a refusal comes
    after accept, the endpoint raises.
    """
    await run_against_servers(
        context,
        right=[token_guard],
        wrong={
            "everyone": [lambda: token_guard(accepted=("open", *KINDS))],
            "nobody": [lambda: token_guard(accepted=())],
            "no-token": [lambda: token_guard(accepted=("open", "none"))],
            "wrong-token": [lambda: token_guard(accepted=("open", "wrong"))],
            "empty": [lambda: token_guard(accepted=("open", "empty"))],
            "accepted-first": [
                lambda: token_guard(refusal="accept first"),
                *for_each_kind(lambda kind: token_guard(refusal="accept first", refused_so=(kind,))),
            ],
            "crash": [
                lambda: token_guard(refusal="crash"),
                *for_each_kind(lambda kind: token_guard(refusal="crash", refused_so=(kind,))),
            ],
            "no-welcome": [lambda: token_guard(greeting=""), lambda: token_guard(greeting="hello")],
        },
    )
