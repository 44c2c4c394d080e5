"""run(app): serve until the cell is interrupted, as `uvicorn.run` does in a script."""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn

from ..errors import CourseError
from . import logs, sockets
from .asgi import check_app


def run(app: Any, port: int = 8000, **options: Any) -> None:
    """Serve an ASGI app until the cell is interrupted; nothing else runs in the notebook meanwhile.

    `uvicorn.run(app)` cannot work where a loop already runs. Here nest_asyncio lets the running loop be entered again.
    `await serve(app)` needs no such patch, and leaves the notebook free.
    port: TCP port on 127.0.0.1, 0 for any free one. options: settings by their names in `uvicorn.Config`.
    Raises CourseError for a busy port or no ASGI app. Source: nest_asyncio's README; uvicorn, "Programmatic usage".
    """
    check_app(app)
    listener = sockets.listen_tcp("127.0.0.1", port)
    buffer = logs.LogBuffer()
    logs.attach(buffer)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1, **options))
    print(f"Serving on http://127.0.0.1:{listener.port} until you interrupt this cell.")
    try:
        with listener.for_server() as sock:  # uvicorn leaves it open where the startup fails
            _enter(server.serve(sockets=[sock]))
    except KeyboardInterrupt:  # uvicorn raises the signal again after its orderly shutdown
        pass
    except SystemExit:
        raise CourseError(
            f"the app's startup (lifespan) failed: {buffer.startup_error()}; fix it and run the cell again"
        ) from None
    finally:
        listener.close()
        logs.detach(buffer)


def _enter(coroutine: Any) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(coroutine)
        return
    import nest_asyncio  # unmaintained, so it is imported here only

    nest_asyncio.apply()
    asyncio.run(coroutine)
