"""The list of who is present, correct however a client leaves: `fastapi dev course_app/apps/presence.py`."""

import asyncio

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from course_app.apps.pages import add_pages

app = FastAPI(title="Presence")
add_pages(app, "presence.html")
present: dict[WebSocket, str] = {}
SEND_INTERVAL, IDLE_TIMEOUT = 1.0, 30.0


async def send_presence(websocket: WebSocket):
    while True:
        await websocket.send_json(list(present.values()))
        await asyncio.sleep(SEND_INTERVAL)


async def receive_names(websocket: WebSocket):
    while True:
        async with asyncio.timeout(IDLE_TIMEOUT):
            present[websocket] = (await websocket.receive_text())[:20]


@app.websocket("/ws")
async def presence(websocket: WebSocket):
    await websocket.accept()
    present[websocket] = "just came"
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(send_presence(websocket))
            group.create_task(receive_names(websocket))
    except* WebSocketDisconnect:
        pass
    except* TimeoutError:
        await asyncio.wait_for(websocket.close(4408, "idle"), 1)
    except* KeyError:
        await asyncio.wait_for(websocket.close(1003, "text only"), 1)
    finally:
        del present[websocket]
