def create_board(url: str) -> FastAPI:
    app = app_with_broker(url)

    @app.websocket("/ws")
    async def board(websocket: WebSocket):
        broker, own = app.state.broker, []

        async def others():
            async for message in messages:
                if message.text not in own:
                    await websocket.send_text(message.text)

        async with broker.subscribe("board") as messages:
            await websocket.accept()
            writer = asyncio.create_task(others())
            try:
                async for text in websocket.iter_text():
                    own.append(text)
                    await broker.publish("board", text)
            finally:
                writer.cancel()

    return app
