def create_rooms(url: str) -> FastAPI:
    app = app_with_broker(url)

    @app.websocket("/rooms/{room}/{name}")
    async def talk(websocket: WebSocket, room: str, name: str):
        broker = app.state.broker
        async with broker.subscribe("rooms") as messages:
            await websocket.accept()
            await broker.publish("rooms", f"{name} joined")
            writer = asyncio.create_task(deliver(websocket, messages))
            try:
                async for text in websocket.iter_text():
                    await broker.publish("rooms", f"{name}: {text}")
            finally:
                writer.cancel()
                await broker.publish("rooms", f"{name} left")

    return app
