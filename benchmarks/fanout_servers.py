"""The servers that `fanout.py` measures: whatever a client writes goes to everybody, nothing else.

`python benchmarks/fanout_servers.py VARIANT [WS] [DEFLATE]` prints its port and serves until it is ended.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import uvicorn
import uvloop
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from course_app.apps import manager, manager_concurrent, manager_queues, manager_textbook
from course_app.apps.connection import Limits
from course_app.apps.direct import Direct


def textbook(book: Any) -> FastAPI:
    """The sequential loop or `asyncio.gather`: `await broadcast(...)`."""
    app, everybody = FastAPI(), book.ConnectionManager()

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        await everybody.connect(websocket)
        try:
            while True:
                await everybody.broadcast(await websocket.receive_text())
        except WebSocketDisconnect:
            everybody.disconnect(websocket)

    return app


def queues() -> FastAPI:
    """A bounded queue and a writer task per client."""
    app, everybody = FastAPI(), manager_queues.ConnectionManager(max_queue=64)

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        client = await everybody.connect(websocket)
        tasks = [asyncio.create_task(work) for work in (read(websocket), client.too_slow.wait())]
        writer = asyncio.create_task(client.write())
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            everybody.disconnect(client)
            for task in (*tasks, writer):
                task.cancel()

    async def read(websocket: WebSocket) -> None:
        async for text in websocket.iter_text():
            everybody.broadcast(text)
            await asyncio.sleep(0)

    return app


def ours() -> FastAPI:
    """The finished manager."""
    app, everybody = FastAPI(), manager.ConnectionManager(Limits(max_queue=64, close_timeout=1.0))

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        client = await everybody.connect(websocket, "")
        try:
            async for text in client:
                everybody.broadcast(text)
        finally:
            everybody.disconnect(client)
            await client.close()

    return app


def direct() -> FastAPI:
    """The finished manager, and the server's own `send`."""
    app = ours()
    app.add_middleware(Direct)
    return app


async def serve_websockets(deflate: bool) -> None:
    """`websockets.broadcast()`: no ASGI, no backpressure."""
    from websockets.asyncio.server import ServerConnection, broadcast, serve

    async def endpoint(connection: ServerConnection) -> None:
        async for text in connection:
            broadcast(server.connections, text)

    compression = "deflate" if deflate else None
    async with serve(endpoint, "127.0.0.1", 0, compression=compression, ping_interval=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


async def serve_picows() -> None:
    """A loop over picows's Cython transports: no ASGI, no backpressure."""
    from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_create_server

    everybody: set[WSTransport] = set()

    class Listener(WSListener):
        def on_ws_connected(self, transport: WSTransport) -> None:
            everybody.add(transport)

        def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
            if frame.msg_type == WSMsgType.TEXT:
                text = frame.get_payload_as_bytes()
                for peer in everybody:
                    peer.send(WSMsgType.TEXT, text)
            elif frame.msg_type == WSMsgType.CLOSE:
                transport.disconnect()

        def on_ws_disconnected(self, transport: WSTransport) -> None:
            everybody.discard(transport)

    server = await ws_create_server(lambda _request: Listener(), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def serve_asgi(app: FastAPI, ws: Any, deflate: bool) -> None:
    config = uvicorn.Config(
        app, port=0, ws=ws, ws_per_message_deflate=deflate, ws_ping_interval=None, log_level="error", backlog=4096
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    await task


ASGI = {
    "loop": lambda: textbook(manager_textbook),
    "gather": lambda: textbook(manager_concurrent),
    "queues": queues,
    "ours": ours,
    "direct": direct,
}


def main(variant: str, ws: str = "websockets-sansio", deflate: str = "0") -> None:
    if variant == "websockets":
        serving = serve_websockets(deflate == "1")
    elif variant == "picows":
        serving = serve_picows()
    else:
        serving = serve_asgi(ASGI[variant](), ws, deflate == "1")
    uvloop.run(serving)


if __name__ == "__main__":
    main(*sys.argv[1:])
