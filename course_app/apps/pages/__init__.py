"""The pages of the reference apps: plain HTML, one style sheet, one script, no build step."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

FOLDER = Path(__file__).parent


def add_pages(app: FastAPI, page: str) -> None:
    """Serve `page`, the name of a file in this folder, at `/`, and the folder under `/static`."""
    app.mount("/static", StaticFiles(directory=FOLDER))

    @app.get("/", include_in_schema=False)
    async def index() -> FileResponse:
        return FileResponse(FOLDER / page)
