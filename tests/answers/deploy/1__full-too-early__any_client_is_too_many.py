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
        if len(app.state.clients) >= 1:
            raise HTTPException(503, "full")
        return {"status": "ready"}

    return app
