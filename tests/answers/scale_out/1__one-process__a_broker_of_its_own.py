def create_board(url: str) -> FastAPI:
    app = app_with_broker(url)
    mine = open_broker("memory://")

    @app.websocket("/ws")
    async def board(websocket: WebSocket):
        broker = mine
        async with broker.subscribe("board") as messages:
            await websocket.accept()
            writer = asyncio.create_task(deliver(websocket, messages))
            try:
                async for text in websocket.iter_text():
                    await broker.publish("board", text)
            finally:
                writer.cancel()

    return app
