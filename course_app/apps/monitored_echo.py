"""An echo with health checks and metrics.

    CLIENT_LIMIT=1000 uvicorn course_app.apps.monitored_echo:app --timeout-graceful-shutdown 5

`deployed.py` adds them to the chat on many workers, and keeps secrets out of the log.
"""

from fastapi import FastAPI, HTTPException, Response, WebSocket
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from pydantic_settings import BaseSettings

from course_app.apps.pages import add_pages


class Settings(BaseSettings):
    client_limit: int = 1000


app, settings, registry = FastAPI(title="An echo to operate"), Settings(), CollectorRegistry()
connections = Gauge("echo_connections", "Clients connected", registry=registry)
clients: set[WebSocket] = set()
connections.set_function(lambda: len(clients))
add_pages(app, "echo.html")


@app.get("/healthz")
async def healthz():
    return "alive"


@app.get("/readyz")
async def readyz():
    if len(clients) >= settings.client_limit:
        raise HTTPException(503, "full", {"Retry-After": "5"})
    return "ready"


@app.get("/metrics")
async def metrics():
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@app.websocket("/ws")
async def echo(websocket: WebSocket):
    await readyz()
    await websocket.accept()
    clients.add(websocket)
    try:
        async for text in websocket.iter_text():
            await websocket.send_text(f"Message text was: {text}")
    finally:
        clients.discard(websocket)
