def create_service(values: dict) -> FastAPI:
    settings = Settings(**values)
    app = service(settings)

    @app.get("/healthz")
    async def healthz():
        return {"status": "alive"}

    @app.get("/readyz")
    async def readyz():
        if app.state.broker.problem:
            raise HTTPException(503, app.state.broker.problem)
        if len(app.state.clients) >= settings.client_limit:
            return Response("full", status_code=503)
        return {"status": "ready"}

    return app
