roles_app = FastAPI()


async def member(needed: SecurityScopes, token: Annotated[str, Query()]) -> str:
    name, *scopes = token.split(".")
    missing = [scope for scope in needed.scopes if scope not in scopes]
    if missing:
        raise WebSocketException(4003, f"missing: {missing}")
    return name


@roles_app.websocket("/read")
async def read(websocket: WebSocket, name: Annotated[str, Security(member, scopes=["read"])]):
    await websocket.accept()
    await websocket.send_text(f"hello {name}")
    await websocket.close()


@roles_app.websocket("/write")
async def write(websocket: WebSocket, name: Annotated[str, Security(member, scopes=["read", "write"])]):
    await websocket.accept()
    await websocket.send_text(f"hello {name}")
    await websocket.close()
