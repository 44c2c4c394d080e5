def create_board(url: str) -> FastAPI:
    app = app_with_broker(url)
    clients, tasks = set(), []

    async def relay(opened):
        async with app.state.broker.subscribe("board") as messages:
            opened.set_result(None)
            async for message in messages:
                for client in list(clients):
                    await client.send_text(message.text)

    @app.websocket("/ws")
    async def board(websocket: WebSocket):
        if not tasks:
            opened = asyncio.get_running_loop().create_future()
            tasks.append(asyncio.create_task(relay(opened)))
            await opened
        await websocket.accept()
        clients.add(websocket)
        try:
            async for text in websocket.iter_text():
                await app.state.broker.publish("board", text)
        finally:
            pass

    return app
