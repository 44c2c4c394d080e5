"""Who is here, right however they leave, and a page to try it: `fastapi dev course_app/apps/presence.py`."""

import asyncio

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from course_app.apps.pages import add_pages

app = FastAPI(title="Presence")
add_pages(app, "presence.html")
here: dict[WebSocket, str] = {}
PERIOD, IDLE = 1.0, 30.0


async def ticks(websocket: WebSocket):
    while True:
        await websocket.send_json(list(here.values()))
        await asyncio.sleep(PERIOD)


async def commands(websocket: WebSocket):
    while True:
        async with asyncio.timeout(IDLE):
            here[websocket] = (await websocket.receive_text())[:20]


@app.websocket("/ws")
async def presence(websocket: WebSocket):
    await websocket.accept()
    here[websocket] = "just came"
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(ticks(websocket))
            group.create_task(commands(websocket))
    except* WebSocketDisconnect:
        pass
    except* TimeoutError:
        await asyncio.wait_for(websocket.close(4408, "idle"), 1)
    except* KeyError:
        await asyncio.wait_for(websocket.close(1003, "text only"), 1)
    finally:
        del here[websocket]
