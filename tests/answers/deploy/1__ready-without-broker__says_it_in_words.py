def create_service(values: dict) -> FastAPI:
    settings = Settings(**values)
    app = service(settings)

    @app.get("/healthz")
    async def healthz():
        return {"status": "alive"}

    @app.get("/readyz")
    async def readyz():
        if app.state.broker.problem:
            return {"status": "not ready"}
        if len(app.state.clients) >= settings.client_limit:
            raise HTTPException(503, "full")
        return {"status": "ready"}

    return app
