doors_app = FastAPI()
KEYS = {"red-1": ("Ada", 1), "blue-2": ("Bob", 2), "green-2": ("Cem", 2)}


async def holder(room: int, x_key: Annotated[str, Header()] = "") -> str:
    entry = KEYS.get(x_key)
    if entry is None:
        raise HTTPException(status_code=401, detail="unknown key", headers={"WWW-Authenticate": "ApiKey"})
    if entry[1] == room:
        return entry[0]
    raise HTTPException(status_code=403, detail="wrong room")


@doors_app.websocket("/rooms/{room}")
async def enter(websocket: WebSocket, name: Annotated[str, Depends(holder)]):
    await websocket.accept()
    await websocket.close(reason=f"welcome, {name}")
