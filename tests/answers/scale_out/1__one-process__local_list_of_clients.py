def create_board(url: str) -> FastAPI:
    app = app_with_broker(url)
    clients = []

    @app.websocket("/ws")
    async def board(websocket: WebSocket):
        await websocket.accept()
        clients.append(websocket)
        async for text in websocket.iter_text():
            for client in clients:
                await client.send_text(text)

    return app
