roles_app = FastAPI()


async def member(needed: SecurityScopes, token: str) -> str:
    name, *scopes = token.split(".")
    if not set(needed.scopes) <= set(scopes):
        raise WebSocketException(code=1008)
    return name


@roles_app.websocket("/read")
async def read(websocket: WebSocket, name: Annotated[str, Security(member, scopes=["read"])]):
    await websocket.accept()
    await websocket.send_text(f"hello {name}")
    async for _ in websocket.iter_text():
        pass


@roles_app.websocket("/write")
async def write(websocket: WebSocket, name: Annotated[str, Security(member, scopes=["read", "write"])]):
    await websocket.accept()
    await websocket.send_text(f"hello {name}")
    async for _ in websocket.iter_text():
        pass
