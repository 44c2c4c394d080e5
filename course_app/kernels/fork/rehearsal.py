"""What every kernel does at first, done once in the warm parent before it forks.

The first cell, the first connection and the first traceback take several times as long as the next ones: expressions
are compiled, signatures looked up, source lines read, and the interpreter learns which types it meets.
A forked kernel finds all that done.
Nothing else may be left of it: no task, no handler, no open file, no name.
"""

import asyncio
import contextlib
import io
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, WebSocket
from websockets.asyncio.client import unix_connect

from ...serving.embedded_uvicorn import EmbeddedServer
from ...serving.sockets import listen_unix

CELLS = (
    "x = 1\n",
    "async def f():\n    '''Text.'''\n    await g()\n",
    "@a\nclass A:\n    pass\n",
)
_SECONDS = 5.0
_LOGGER = logging.getLogger("uvicorn.error")


def rehearse(shell: Any) -> str:
    """Read cells with IPython's shell and serve an endpoint that a client leaves; return what uvicorn has logged."""
    for cell in CELLS:
        shell.should_run_async(cell, transformed_cell=shell.transform_cell(cell))
    shell.display_formatter.format(1)
    with _logged() as log, contextlib.closing(asyncio.new_event_loop()) as loop:
        loop.run_until_complete(asyncio.wait_for(_converse(), _SECONDS))
    return log.getvalue()


@contextlib.contextmanager
def _logged() -> Iterator[io.StringIO]:
    log = io.StringIO()
    handler, propagate = logging.StreamHandler(log), _LOGGER.propagate
    _LOGGER.addHandler(handler)
    _LOGGER.propagate = False
    try:
        yield log
    finally:
        _LOGGER.removeHandler(handler)
        _LOGGER.propagate = propagate


async def _converse() -> None:
    app = FastAPI()
    app.add_api_websocket_route("/ws/{name}", _echo)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "s")
        listener = listen_unix(path)
        guest = EmbeddedServer(uvicorn.Config(app, log_config=None, loop="none", ws="websockets-sansio"))
        serving = asyncio.create_task(guest.run_embedded(listener.for_server()))
        try:
            await guest.serving.wait()
            for _ in range(2):
                async with unix_connect(path, "ws://localhost/ws/room?times=2") as client:
                    await client.send("hi")
                    await client.recv()
        finally:
            await guest.end(serving)
            listener.close()


async def _echo(socket: WebSocket, name: str, times: int = 1) -> None:
    """Answer until the client leaves, and let that be an exception that nobody catches."""
    await socket.accept()
    while True:
        await socket.send_text(times * await socket.receive_text())
