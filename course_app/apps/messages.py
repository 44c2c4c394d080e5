"""Messages validated by Pydantic, and errors that are answered: `fastapi dev course_app/apps/messages.py`."""

from fastapi import FastAPI, WebSocket
from pydantic import BaseModel, Field, ValidationError

from course_app.apps.pages import add_pages

app = FastAPI(title="Messages")
add_pages(app, "messages.html")


class Step(BaseModel):
    dx: int = Field(ge=-9, le=9)
    dy: int = Field(ge=-9, le=9)


@app.websocket("/ws")
async def walk(websocket: WebSocket):
    await websocket.accept()
    x = y = 0
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return  # the client has left
        if message.get("text") is None:
            await websocket.close(code=1003, reason="JSON text only")
            return
        try:
            step = Step.model_validate_json(message["text"])
            x, y = x + step.dx, y + step.dy
            await websocket.send_json({"x": x, "y": y})
        except ValidationError as error:
            await websocket.send_json({"errors": error.errors(include_url=False, include_input=False)})
