def create_rooms(url: str) -> FastAPI:
    app = app_with_broker(url)

    @app.websocket("/rooms/{room}/{name}")
    async def talk(websocket: WebSocket, room: str, name: str):
        broker = app.state.broker
        await websocket.accept()
        async with broker.subscribe(room) as messages:
            await broker.publish(room, f"{name} joined")
            writer = asyncio.create_task(deliver(websocket, messages))
            try:
                async for text in websocket.iter_text():
                    await broker.publish(room, f"{name}: {text}")
            finally:
                writer.cancel()
                await broker.publish(room, f"{name} left")

    return app
