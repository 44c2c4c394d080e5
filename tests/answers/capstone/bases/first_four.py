chat_app = FastAPI()
rooms = defaultdict(dict)
counts = defaultdict(int)


@chat_app.websocket("/ws")
async def chat(websocket: WebSocket):
    await websocket.accept()
    room, name = None, None
    try:
        async for wish in websocket.iter_json():
            if wish["type"] == "say":
                counts[room] += 1
                said = {"type": "said", "id": counts[room], "name": name, "text": wish["text"]}
                await asyncio.gather(*(member.send_json(said) for member in rooms[room].values()))
            elif wish["name"] in rooms[wish["room"]]:
                await websocket.send_json({"type": "error", "code": "name-taken"})
            else:
                room, name = wish["room"], wish["name"]
                rooms[room][name] = websocket
                welcome = {"type": "welcome", "room": room, "name": name, "last": counts[room]}
                await websocket.send_json({**welcome, "present": sorted(rooms[room])})
    finally:
        if name:
            del rooms[room][name]
