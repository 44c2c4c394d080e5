denial_app = FastAPI()


@denial_app.websocket("/rooms/{room}/ws")
async def sit(websocket: WebSocket, room: int, seat: int = 1):
    await websocket.accept()
    await websocket.close(reason=f"room {room}, seat {seat}")


@denial_app.exception_handler(WebSocketRequestValidationError)
async def explain(websocket: WebSocket, error: WebSocketRequestValidationError):
    wrong = [entry["loc"][-1] for entry in error.errors()]
    await websocket.send_denial_response(JSONResponse({"errors": wrong}, status_code=422))
