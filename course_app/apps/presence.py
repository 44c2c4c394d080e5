"""An echo that counts who is here, correct however a client leaves: `fastapi dev course_app/apps/presence.py`."""

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from course_app.apps.pages import add_pages

app = FastAPI(title="Presence")
add_pages(app, "echo.html")
present: set[WebSocket] = set()


@app.websocket("/ws")
async def presence(websocket: WebSocket):
    await websocket.accept()
    present.add(websocket)
    try:
        while True:
            text = await websocket.receive_text()
            await websocket.send_text(f"Message text was: {text}")
            await websocket.send_text(f"{len(present)} here")
    except WebSocketDisconnect:
        pass  # the client has left
    except KeyError:
        await websocket.close(1003, "text only")
    finally:
        present.discard(websocket)
