chat_app = FastAPI()
rooms = defaultdict(dict)
counts = defaultdict(int)


@chat_app.websocket("/ws")
async def chat(websocket: WebSocket):
    await websocket.accept()
    room, name = None, None
    try:
        async for command in websocket.iter_json():
            if command["type"] == "say":
                counts[room] += 1
                said = {"type": "said", "id": counts[room], "name": name, "text": command["text"]}
                await asyncio.gather(*(member.send_json(said) for member in rooms[room].values()))
            elif command["name"] in rooms[command["room"]]:
                await websocket.send_json({"type": "error", "code": "name-taken"})
            else:
                room, name = command["room"], command["name"]
                rooms[room][name] = websocket
                welcome = {"type": "welcome", "room": room, "name": name, "last": counts[room]}
                await websocket.send_json({**welcome, "present": sorted(rooms[room])})
    finally:
        if name:
            del rooms[room][name]
