"""probe(app, path, …): try an app without keeping a server or a client, and without exceptions."""

from __future__ import annotations

from typing import Any

from ..client.client import Client, Closed, Refused, WaitTimeout, connect
from ..display.pending import says_await
from ..display.transcript import Transcript
from ..serving.server import serve

QUIET = 0.3  # seconds without a message after which the next one is sent


@says_await
async def probe(app: Any, path: str, *messages: str | bytes, **options: Any) -> Transcript:
    """Serve `app`, connect one client to `path`, send the messages one by one, and return the transcript.

    After each message the client waits for one reply, 0.3 seconds at most.
    A refused handshake or a lost connection ends the exchange and stands in the transcript: nothing is raised for it.
    `options` are those of `connect`. Raises CourseError where `app` cannot be served.
    """
    server = await serve(app, name="probe")
    attempt = connect(server, path, name="probe", **{"timeout": QUIET, **options})
    try:
        client = await attempt
        await _exchange(client, messages)
    except (Refused, Closed, WaitTimeout):
        pass
    finally:
        await server.stop()
    return attempt.recorder.own


async def _exchange(client: Client, messages: tuple[str | bytes, ...]) -> None:
    async with client:
        for message in messages:
            await client.send(message)
            try:
                await client.recv()
            except WaitTimeout:
                continue
