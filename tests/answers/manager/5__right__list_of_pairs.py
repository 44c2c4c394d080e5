rooms_app = FastAPI()
rooms = {}
everybody = []


@rooms_app.websocket("/ws/{client_id}")
async def talk(websocket: WebSocket, client_id: int, room: str = "lobby"):
    await websocket.accept()
    everybody.append((room, websocket))

    async def tell(text):
        for where, other in list(everybody):
            if where == room:
                try:
                    await other.send_text(text)
                except (WebSocketDisconnect, RuntimeError):
                    continue

    try:
        while True:
            text = await websocket.receive_text()
            if text == "rooms":
                await websocket.send_text(" ".join(sorted({where for where, _ in everybody})))
                continue
            await tell(f"Client #{client_id} says: {text}")
    except WebSocketDisconnect:
        pass
    finally:
        everybody.remove((room, websocket))
        await tell(f"Client #{client_id} left the chat")
