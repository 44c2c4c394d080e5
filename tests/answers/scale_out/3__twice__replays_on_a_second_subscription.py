def create_feed(url: str) -> FastAPI:
    app = app_with_broker(url)

    @app.websocket("/ws")
    async def feed(websocket: WebSocket, last_id: str | None = None):
        broker = app.state.broker

        async def write(messages):
            async for message in messages:
                await websocket.send_json({"id": message.id, "text": message.text})

        async def twice():
            await asyncio.sleep(0.01)
            async with broker.subscribe("feed", last_id) as old:
                await write(old)

        async with broker.subscribe("feed", last_id) as messages:
            await websocket.accept()
            again = asyncio.create_task(write(messages)) if last_id is None else asyncio.create_task(twice())
            writer = asyncio.create_task(write(messages))
            try:
                async for text in websocket.iter_text():
                    await broker.publish("feed", text)
            finally:
                writer.cancel(), again.cancel()

    return app
