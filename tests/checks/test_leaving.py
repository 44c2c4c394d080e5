"""leave_in_every_way: four clients show every way in which a connection ends."""

from __future__ import annotations

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from course_app.checks.leaving import leave_in_every_way
from tests.support.checks import context_of


async def test_each_client_leaves_in_a_way_of_its_own() -> None:
    app, codes = FastAPI(), list[int]()

    @app.websocket("/ws")
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await websocket.receive_text()
        except WebSocketDisconnect as gone:
            codes.append(gone.code)

    async with context_of(app) as context:
        await leave_in_every_way(context, [await context.connect(name) for name in "ABCD"])
        await context.expect_endpoints_ended("not-caught")
        assert sum("ABORTED" in line for line in str(context.expected).splitlines()) == 1
    assert {1000, 1001, 4321} < set(codes)
    assert len(codes) == 4
