origin_app = FastAPI()
ALLOWED = {"https://bank.example", "http://localhost:8000"}

from fastapi.middleware.cors import CORSMiddleware

origin_app.add_middleware(CORSMiddleware, allow_origins=list(ALLOWED), allow_credentials=True)


async def own_page(origin: Annotated[str | None, Header()] = None):
    return origin


@origin_app.websocket("/ws", dependencies=[Depends(own_page)])
async def balance(websocket: WebSocket, session: Annotated[str, Cookie()]):
    await websocket.accept()
    await websocket.send_text(f"balance of {session}: 100")
    await websocket.close()
