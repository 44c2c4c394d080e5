def create_board(url: str) -> FastAPI:
    app = app_with_broker(url)

    @app.websocket("/ws")
    async def board(websocket: WebSocket):
        broker = app.state.broker
        async with broker.subscribe("board") as messages:
            await websocket.accept()
            writer = asyncio.create_task(deliver(websocket, messages))
            try:
                while True:
                    await broker.publish("board", await websocket.receive_text())
            finally:
                writer.cancel()

    return app
