from fastapi.responses import JSONResponse

doors_app = FastAPI()
KEYS = {"red-1": ("Ada", 1), "blue-2": ("Bob", 2), "green-2": ("Cem", 2)}


async def holder(room: int, x_key: Annotated[str, Header()] = "") -> str:
    return f"{room} {x_key}"


@doors_app.websocket("/rooms/{room}")
async def enter(websocket: WebSocket, room: int, x_key: Annotated[str | None, Header()] = None):
    if x_key not in KEYS:
        body = {"detail": "unknown key", "hint": "ask at the desk"}
        return await websocket.send_denial_response(JSONResponse(body, status_code=401))
    if KEYS[x_key][1] != room:
        return await websocket.send_denial_response(JSONResponse({"detail": "wrong room"}, status_code=403))
    await websocket.accept()
    await websocket.close(reason=f"welcome, {KEYS[x_key][0]}")
