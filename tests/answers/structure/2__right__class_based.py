import asyncio

board_app = FastAPI()
readers = set()

class Note(BaseModel):
    text: str

class Reader(WebSocketEndpoint):
    encoding = None

    async def on_connect(self, websocket):
        await websocket.accept()
        readers.add(websocket)

    async def on_receive(self, websocket, data):
        pass

    async def on_disconnect(self, websocket, close_code):
        readers.discard(websocket)

board_app.router.add_websocket_route("/ws", Reader)

@board_app.post("/notes")
async def publish(note: Note):
    here = list(readers)
    await asyncio.gather(*(reader.send_text(note.text) for reader in here), return_exceptions=True)
    return {"readers": len(here)}
