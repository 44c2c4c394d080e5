"""A guestbook: some keys may look, some may sign: `fastapi dev course_app/apps/guestbook.py`.

Source: FastAPI documentation, "OAuth2 scopes", for `Security` and `SecurityScopes`.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Security, WebSocket
from fastapi.security import APIKeyQuery, SecurityScopes

GUESTS = {"key-ada": ("Ada", {"look", "sign"}), "key-bob": ("Bob", {"look"})}
entries: list[str] = []


async def guest(needed: SecurityScopes, key: Annotated[str, Depends(APIKeyQuery(name="token"))]) -> str:
    name, scopes = GUESTS.get(key, ("a stranger", set()))
    if not set(needed.scopes) <= scopes:
        raise HTTPException(403, f"{name} may not {needed.scope_str}")
    return name


router = APIRouter(prefix="/guestbook", dependencies=[Security(guest, scopes=["look"])])


@router.websocket("/look")
async def look(websocket: WebSocket):
    await websocket.accept()
    for entry in entries:
        await websocket.send_text(entry)
    await websocket.close()


@router.websocket("/sign")
async def sign(websocket: WebSocket, name: Annotated[str, Security(guest, scopes=["sign"])]):
    await websocket.accept()
    async for text in websocket.iter_text():
        entries.append(f"{name} wrote: {text}")
        await websocket.send_text(f"Message text was: {text}")


app = FastAPI(title="Guestbook")
app.include_router(router)
