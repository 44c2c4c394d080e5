def create_board(url: str) -> FastAPI:
    app = app_with_broker(url)

    @app.websocket("/ws")
    async def board(websocket: WebSocket):
        broker = app.state.broker
        await websocket.accept()
        async with broker.subscribe("board") as messages:
            writer = asyncio.create_task(deliver(websocket, messages))
            try:
                async for text in websocket.iter_text():
                    await broker.publish("board", text)
            finally:
                writer.cancel()

    return app
