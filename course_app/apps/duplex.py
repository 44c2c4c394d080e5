"""A list of who is here, sent once a second while the app listens: `fastapi dev course_app/apps/duplex.py`."""

import asyncio

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from course_app.apps.pages import add_pages

app = FastAPI(title="Duplex")
add_pages(app, "duplex.html")
present: dict[WebSocket, str] = {}


async def send_list(websocket: WebSocket):
    while True:
        await websocket.send_json(list(present.values()))
        await asyncio.sleep(1)


@app.websocket("/ws")
async def duplex(websocket: WebSocket):
    await websocket.accept()
    present[websocket] = "just came"
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(send_list(websocket))
            while True:
                present[websocket] = (await websocket.receive_text())[:20]
    except* WebSocketDisconnect:
        pass  # the client has left
    except* KeyError:
        await websocket.close(1003, "text only")
    finally:
        del present[websocket]
