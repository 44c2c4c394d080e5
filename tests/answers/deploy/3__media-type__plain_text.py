def create_measured() -> FastAPI:
    app, registry = FastAPI(), CollectorRegistry()
    connections = Gauge("chat_connections", "Clients connected", registry=registry)
    messages = Counter("chat_messages", "Texts received", registry=registry)

    @app.websocket("/ws")
    async def echo(websocket: WebSocket):
        await websocket.accept()
        with connections.track_inprogress():
            async for text in websocket.iter_text():
                messages.inc()
                await websocket.send_text(text)

    @app.get("/metrics")
    async def metrics():
        return Response(generate_latest(registry), media_type="text/plain")

    return app
