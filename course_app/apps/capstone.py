"""A small chat service with one room: join, say, joined, left. Exercise 17 builds the complete service.

Clients send commands (`Join`, `Say`), and the service sends events, all as JSON in text frames.

Run it with `fastapi dev course_app/apps/capstone.py`.
"""

import itertools
import json
from typing import Annotated, Literal

from fastapi import FastAPI, WebSocket
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from course_app.apps.manager import ConnectionManager
from course_app.apps.pages import add_pages

Name = Annotated[str, Field(min_length=1, max_length=20)]


class Join(BaseModel):
    type: Literal["join"]
    name: Name


class Say(BaseModel):
    type: Literal["say"]
    text: str


command_adapter = TypeAdapter(Annotated[Join | Say, Field(discriminator="type")])
app = FastAPI(title="A small chat service")
add_pages(app, "capstone.html")
manager = ConnectionManager()
ids = itertools.count(1)


def event(type, **fields):
    return json.dumps({"type": type, **fields})


def handle(client, command):
    if isinstance(command, Join) and not client.name:
        manager.broadcast(event("joined", name=command.name), "chat")
        client.name = command.name
        manager.join(client, "chat")
        client.send(event("welcome", name=client.name, present=sorted(manager.present("chat"))))
    elif isinstance(command, Say) and client.name:
        manager.broadcast(event("said", id=next(ids), name=client.name, text=command.text), "chat")
    else:
        client.send(event("error", code="already-joined" if client.name else "not-joined"))


@app.websocket("/ws")
async def chat(websocket: WebSocket):
    client = await manager.connect(websocket, name="", room="door")
    try:
        async for text in client:
            try:
                handle(client, command_adapter.validate_json(text))
            except ValidationError:
                client.send(event("error", code="invalid"))
    finally:
        manager.disconnect(client)
        if client.name:
            manager.broadcast(event("left", name=client.name), "chat")
        await client.close()
