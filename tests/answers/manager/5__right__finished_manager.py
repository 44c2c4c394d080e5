rooms_app = FastAPI()
from course_app.apps.manager import ConnectionManager

rooms = ConnectionManager()


@rooms_app.websocket("/ws/{client_id}")
async def talk(websocket: WebSocket, client_id: int, room: str = "lobby"):
    client = await rooms.connect(websocket, str(client_id), room)
    try:
        async for text in client:
            if text == "rooms":
                client.send(" ".join(sorted(rooms.rooms)))
            else:
                rooms.broadcast(f"Client #{client_id} says: {text}", room)
    finally:
        rooms.disconnect(client)
        rooms.broadcast(f"Client #{client_id} left the chat", room)
        await client.close()
