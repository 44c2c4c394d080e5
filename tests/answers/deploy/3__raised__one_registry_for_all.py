def create_measured() -> FastAPI:
    app, registry = FastAPI(), CollectorRegistry()
    connections = Gauge("chat_connections", "Clients connected")
    messages = Counter("chat_messages", "Texts received")

    @app.websocket("/ws")
    async def echo(websocket: WebSocket):
        await websocket.accept()
        with connections.track_inprogress():
            async for text in websocket.iter_text():
                messages.inc()
                await websocket.send_text(text)

    @app.get("/metrics")
    async def metrics():
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return app
