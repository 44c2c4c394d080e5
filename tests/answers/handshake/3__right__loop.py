doors_app = FastAPI()
KEYS = {"red-1": ("Ada", 1), "blue-2": ("Bob", 2), "green-2": ("Cem", 2)}


def holder(websocket: WebSocket, room: int):
    for key, (name, number) in KEYS.items():
        if websocket.headers.get("x-key") == key:
            if number != room:
                raise HTTPException(403, detail="wrong room")
            return name
    raise HTTPException(401, detail="unknown key")


@doors_app.websocket("/rooms/{room}")
async def enter(websocket: WebSocket, name: Annotated[str, Depends(holder)]):
    await websocket.accept()
    await websocket.close(reason=f"welcome, {name}")
