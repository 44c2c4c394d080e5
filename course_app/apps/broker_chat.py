"""The smallest chat on several processes: each publishes to a broker, and subscribes for its clients.

    BROKER_URL=redis://localhost uvicorn course_app.apps.broker_chat:app --workers 2

`scaled_chat.py` handles slow clients and an engine that is out of reach as well.
"""

import asyncio
import os
from contextlib import asynccontextmanager

from fastapi import FastAPI, WebSocket

from course_app.apps.broker import open_broker
from course_app.apps.pages import add_pages


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with open_broker(os.environ.get("BROKER_URL", "memory://")) as app.state.broker:
        yield


app = FastAPI(title="Chat across workers", lifespan=lifespan)
add_pages(app, "chat.html")


async def deliver(websocket, messages):
    async for message in messages:
        await websocket.send_text(message.text)


@app.websocket("/ws/{client_id}")
async def chat(websocket: WebSocket, client_id: int, room: str = "lobby"):
    broker = app.state.broker
    async with broker.subscribe(room) as messages:
        await websocket.accept()
        writer = asyncio.create_task(deliver(websocket, messages))
        try:
            async for text in websocket.iter_text():
                await broker.publish(room, f"Client #{client_id} says: {text}")
        finally:
            writer.cancel()
            await broker.publish(room, f"Client #{client_id} left the chat")
