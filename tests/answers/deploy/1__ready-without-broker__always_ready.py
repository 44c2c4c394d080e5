def create_service(values: dict) -> FastAPI:
    settings = Settings(**values)
    app = service(settings)

    @app.get("/healthz")
    async def healthz():
        return {"status": "alive"}

    @app.get("/readyz")
    async def readyz():
        return {"status": "ready"}

    return app
