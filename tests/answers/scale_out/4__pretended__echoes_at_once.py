def create_honest(url: str) -> FastAPI:
    app = app_with_broker(url)

    @app.websocket("/ws")
    async def honest(websocket: WebSocket):
        broker = app.state.broker
        async with broker.subscribe("board") as messages:
            await websocket.accept()
            writer = asyncio.create_task(deliver(websocket, messages))
            try:
                async for text in websocket.iter_text():
                    await websocket.send_text(text)
                    try:
                        await broker.publish("board", text)
                    except BrokerError:
                        await websocket.send_text(f"not delivered: {text}")
            finally:
                writer.cancel()

    return app
