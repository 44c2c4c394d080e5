"""A small chat service: one room, names, what is said, who comes and goes. Exercise 17 makes it whole.

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


wishes = TypeAdapter(Annotated[Join | Say, Field(discriminator="type")])
app = FastAPI(title="A small chat service")
add_pages(app, "capstone.html")
manager = ConnectionManager()
ids = itertools.count(1)


def fact(type, **fields):
    return json.dumps({"type": type, **fields})


def obey(client, wish):
    if isinstance(wish, Join) and not client.name:
        manager.broadcast(fact("joined", name=wish.name), "chat")
        client.name = wish.name
        manager.join(client, "chat")
        client.send(fact("welcome", name=client.name, present=sorted(manager.present("chat"))))
    elif isinstance(wish, Say) and client.name:
        manager.broadcast(fact("said", id=next(ids), name=client.name, text=wish.text), "chat")
    else:
        client.send(fact("error", code="already-joined" if client.name else "not-joined"))


@app.websocket("/ws")
async def chat(websocket: WebSocket):
    client = await manager.connect(websocket, name="", room="door")
    try:
        async for text in client:
            try:
                obey(client, wishes.validate_json(text))
            except ValidationError:
                client.send(fact("error", code="invalid"))
    finally:
        manager.disconnect(client)
        if client.name:
            manager.broadcast(fact("left", name=client.name), "chat")
        await client.close()
