def create_board(url: str) -> FastAPI:
    app = app_with_broker(url)

    @app.websocket("/ws")
    async def board(websocket: WebSocket):
        broker = app.state.broker
        async with broker.subscribe("board") as messages:
            await websocket.accept()
            try:
                await deliver(websocket, messages)
                async for text in websocket.iter_text():
                    await broker.publish("board", text)
            finally:
                pass

    return app
