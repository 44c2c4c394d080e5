"""A chat with a bounded queue and a writer task for each client, in one function for each job.

When a queue is full, the client misses the newest text; `manager_queues.py` has other policies.
"""

import asyncio

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI(title="Queued chat")
queues: dict[WebSocket, asyncio.Queue[str]] = {}


def broadcast(text: str):
    for queue in queues.values():
        if not queue.full():
            queue.put_nowait(text)


async def write(websocket: WebSocket, queue: asyncio.Queue[str]):
    while True:
        await websocket.send_text(await queue.get())


@app.websocket("/ws/{client_id}")
async def chat(websocket: WebSocket, client_id: int):
    await websocket.accept()
    queues[websocket] = asyncio.Queue(maxsize=20)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(write(websocket, queues[websocket]))
            while True:
                broadcast(f"Client #{client_id} says: {await websocket.receive_text()}")
    except* (WebSocketDisconnect, KeyError):
        pass  # it has left, or sent a binary frame
    finally:
        del queues[websocket]
        broadcast(f"Client #{client_id} left the chat")
