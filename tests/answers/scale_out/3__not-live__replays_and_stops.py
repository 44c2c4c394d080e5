def create_feed(url: str) -> FastAPI:
    app = app_with_broker(url)

    @app.websocket("/ws")
    async def feed(websocket: WebSocket, last_id: str | None = None):
        broker = app.state.broker

        async def write(messages):
            async for message in messages:
                await websocket.send_json({"id": message.id, "text": message.text})

        async def write_for_a_moment(messages):
            try:
                async with asyncio.timeout(0.01 if last_id else None):
                    await write(messages)
            except TimeoutError:
                pass

        async with broker.subscribe("feed", last_id) as messages:
            await websocket.accept()
            writer = asyncio.create_task(write_for_a_moment(messages))
            try:
                async for text in websocket.iter_text():
                    await broker.publish("feed", text)
            finally:
                writer.cancel()

    return app
