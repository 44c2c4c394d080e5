def create_measured() -> FastAPI:
    app, registry = FastAPI(), CollectorRegistry()
    connections = Gauge("chat_connections", "Clients connected", registry=registry)
    messages = Counter("chat_messages", "Texts received", registry=registry)

    @app.websocket("/ws")
    async def echo(websocket: WebSocket):
        await websocket.accept()
        with connections.track_inprogress():
            while True:
                await websocket.send_text(await websocket.receive_text())
                messages.inc()

    @app.get("/metrics")
    async def metrics():
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app
