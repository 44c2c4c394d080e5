from collections import defaultdict

rooms_app = FastAPI()


class Room(list):
    async def tell(self, text):
        await asyncio.gather(*(member.send_text(text) for member in self), return_exceptions=True)


rooms = defaultdict(Room)


@rooms_app.websocket("/ws/{client_id}")
async def talk(websocket: WebSocket, client_id: str):
    room = rooms[websocket.query_params.get("room", "lobby")]
    room.append(websocket)
    await websocket.accept()
    async for text in websocket.iter_text():
        if text == "rooms":
            await websocket.send_text(" ".join(sorted(name for name, members in rooms.items() if members)))
        else:
            await room.tell(f"Client #{client_id} says: {text}")
    room.remove(websocket)
    await room.tell(f"Client #{client_id} left the chat")
