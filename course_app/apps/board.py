"""A notice board: a POST publishes a note, WebSockets receive it: `fastapi dev course_app/apps/board.py`.

The setting `BOARD_HISTORY_SIZE` is the number of notes that a new reader gets.
"""

from collections import deque
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, Request, WebSocket
from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from course_app.apps.manager import ConnectionManager
from course_app.apps.pages import add_pages


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="BOARD_")
    history_size: int = Field(default=5, ge=0)


class Note(BaseModel):
    text: str = Field(min_length=1, max_length=200)


router = APIRouter()


@router.post("/notes", status_code=201)
async def publish(note: Note, request: Request):
    request.state.notes.append(note.text)
    request.state.manager.broadcast(note.text)
    return {"readers": len(request.state.manager.clients())}


@router.websocket("/ws")
async def read(websocket: WebSocket):
    manager = websocket.state.manager
    reader = await manager.connect(websocket, "reader")
    try:
        for text in websocket.state.notes:
            reader.send(text)
        async for _ in reader:
            pass
    finally:
        manager.disconnect(reader)
        await reader.close()


@asynccontextmanager
async def lifespan(app: FastAPI):
    manager = ConnectionManager()
    yield {"manager": manager, "notes": deque(maxlen=Settings().history_size)}
    await manager.shutdown()


app = FastAPI(title="Notice board", lifespan=lifespan)
app.include_router(router)
add_pages(app, "board.html")
