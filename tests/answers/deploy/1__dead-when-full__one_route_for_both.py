def create_service(values: dict) -> FastAPI:
    settings = Settings(**values)
    app = service(settings)

    @app.get("/healthz")
    async def healthz():
        if len(app.state.clients) >= settings.client_limit:
            raise HTTPException(503)
        return {"status": "alive"}

    @app.get("/readyz")
    async def readyz():
        if app.state.broker.problem:
            raise HTTPException(503, app.state.broker.problem)
        if len(app.state.clients) >= settings.client_limit:
            raise HTTPException(503, "full")
        return {"status": "ready"}

    return app
