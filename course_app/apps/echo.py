"""The echo socket, and a page to try it: `fastapi dev course_app/apps/echo.py`."""

from importlib.resources import files

from fastapi import FastAPI, WebSocket
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

PAGES = str(files("course_app.apps") / "pages")
app = FastAPI(title="Echo")
app.mount("/static", StaticFiles(directory=PAGES))


@app.get("/")
async def page():
    return FileResponse(f"{PAGES}/echo.html")


@app.websocket("/ws")
async def echo(websocket: WebSocket):
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        if message.get("text") is None:
            await websocket.close(code=1003, reason="text only")
            return
        await websocket.send_text(f"Message text was: {message['text']}")
