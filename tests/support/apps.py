"""An app with one endpoint for each way in which a connection can go."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI, HTTPException, WebSocket, WebSocketDisconnect
from starlette.responses import JSONResponse


def make_app() -> FastAPI:
    """Return a fresh app."""
    app = FastAPI()

    @app.get("/")
    async def page() -> dict[str, str]:
        return {"hello": "world"}

    @app.websocket("/echo")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept(headers=[(b"x-greeting", b"hello")])
        async for text in websocket.iter_text():
            await websocket.send_text(f"Message text was: {text}")

    @app.websocket("/rude")
    async def rude(websocket: WebSocket) -> None:
        await websocket.accept()
        while True:
            await websocket.receive_text()

    @app.websocket("/scope")
    async def scope(websocket: WebSocket) -> None:
        offered = websocket.scope["subprotocols"]
        await websocket.accept(subprotocol=offered[-1] if offered else None)
        await websocket.send_json(
            {
                "path": websocket.scope["path"],
                "root_path": websocket.scope["root_path"],
                "query": dict(websocket.query_params),
                "cookies": websocket.cookies,
                "origin": websocket.headers.get("origin"),
                "token": websocket.headers.get("x-token"),
                "agent": websocket.headers.get("user-agent"),
            }
        )
        await websocket.close(4001, "bye")

    @app.websocket("/silent")
    async def silent(websocket: WebSocket) -> None:
        await websocket.accept()
        with_end = asyncio.Event()
        await with_end.wait()

    @app.websocket("/never-accepts")
    async def never_accepts(websocket: WebSocket) -> None:
        await asyncio.Event().wait()

    @app.websocket("/stubborn")
    async def stubborn(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.Event().wait()

    @app.websocket("/flood")
    async def flood(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_bytes(bytes(2**16))
        except (WebSocketDisconnect, RuntimeError):
            pass

    @app.websocket("/refuse")
    async def refuse(websocket: WebSocket) -> None:
        await websocket.close()

    @app.websocket("/teapot")
    async def teapot(websocket: WebSocket) -> None:
        await websocket.send_denial_response(JSONResponse({"detail": "short and stout"}, 418, {"x-pot": "tea"}))

    @app.websocket("/unauthorized")
    async def unauthorized(websocket: WebSocket) -> None:
        raise HTTPException(401, "no token")

    @app.websocket("/raises")
    async def raises(websocket: WebSocket) -> None:
        await websocket.accept()
        raise ValueError("a mistake of mine")

    return app
