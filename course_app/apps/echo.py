"""The echo socket, and a page to try it: `fastapi dev course_app/apps/echo.py`."""

from fastapi import FastAPI, WebSocket

from course_app.apps.pages import add_pages

app = FastAPI(title="Echo")
add_pages(app, "echo.html")


@app.websocket("/ws")
async def echo(websocket: WebSocket):
    await websocket.accept()
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return  # the client has left
        if message.get("text") is None:
            await websocket.close(code=1003, reason="text only")
            return
        await websocket.send_text(f"Message text was: {message['text']}")
