board_app = FastAPI()
readers = set()

class Note(BaseModel):
    text: str

@board_app.websocket("/ws")
async def read(websocket: WebSocket):
    await websocket.accept()
    readers.add(websocket)
    try:
        async for _ in websocket.iter_text():
            pass
    finally:
        readers.discard(websocket)

@board_app.post("/notes")
async def publish(note: Note):
    for reader in list(readers):
        with suppress(WebSocketDisconnect):
            await reader.send_json(note.model_dump())
    return {"readers": len(readers)}
