rooms_app = FastAPI()
rooms = {}


@rooms_app.websocket("/ws/{client_id}")
async def talk(websocket: WebSocket, client_id: int, room: str = "lobby"):
    await websocket.accept()
    members = rooms.setdefault(room, set())
    members.add(websocket)

    async def broadcast(text: str):
        sends = [member.send_text(text) for room in rooms.values() for member in room]
        await asyncio.gather(*sends, return_exceptions=True)

    try:
        async for text in websocket.iter_text():
            if text == "rooms":
                await websocket.send_text(" ".join(sorted(rooms)))
            else:
                await broadcast(f"Client #{client_id} says: {text}")
    finally:
        members.discard(websocket)
        if not members:
            del rooms[room]
        await broadcast(f"Client #{client_id} left the chat")
