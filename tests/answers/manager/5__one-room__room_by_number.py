rooms_app = FastAPI()
rooms = {}
room_of = {}


@rooms_app.websocket("/ws/{client_id}")
async def talk(websocket: WebSocket, client_id: int, room: str = "lobby"):
    await websocket.accept()
    room_of[client_id] = room
    rooms.setdefault(room, []).append(websocket)

    async def broadcast(text: str):
        sends = [member.send_text(text) for member in rooms.get(room_of[client_id], ())]
        await asyncio.gather(*sends, return_exceptions=True)

    try:
        async for text in websocket.iter_text():
            if text == "rooms":
                await websocket.send_text(" ".join(sorted(rooms)))
            else:
                await broadcast(f"Client #{client_id} says: {text}")
    finally:
        rooms[room].remove(websocket)
        await broadcast(f"Client #{client_id} left the chat")
        if not rooms[room]:
            del rooms[room]
