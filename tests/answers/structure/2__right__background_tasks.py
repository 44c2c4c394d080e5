board_app = FastAPI()
readers = set()

from fastapi import BackgroundTasks

class Note(BaseModel):
    text: str


@board_app.websocket("/ws")
async def read(websocket: WebSocket):
    await websocket.accept()
    readers.add(websocket)
    try:
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        readers.discard(websocket)

async def spread(text):
    for reader in tuple(readers):
        with suppress(WebSocketDisconnect):
            await reader.send_text(text)

@board_app.post("/notes")
async def publish(note: Note, tasks: BackgroundTasks):
    tasks.add_task(spread, note.text)
    return {"readers": len(readers)}
