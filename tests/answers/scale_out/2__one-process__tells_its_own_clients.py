def create_rooms(url: str) -> FastAPI:
    app = app_with_broker(url)
    rooms = {}

    @app.websocket("/rooms/{room}/{name}")
    async def talk(websocket: WebSocket, room: str, name: str):
        await websocket.accept()
        members = rooms.setdefault(room, set())
        members.add(websocket)

        async def tell(text):
            for member in list(members):
                await member.send_text(text)

        await tell(f"{name} joined")
        try:
            async for text in websocket.iter_text():
                await tell(f"{name}: {text}")
        finally:
            members.discard(websocket)
            await tell(f"{name} left")

    return app
