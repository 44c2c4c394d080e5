router_app = FastAPI()

def member(key: str = ""):
    if key != "1234":
        raise HTTPException(403, "members only")

sockets, pages = APIRouter(), APIRouter()

@pages.get("/about")
async def about():
    return {"talks": True}

@sockets.websocket("/ws")
async def echo(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)

for prefix, guards in (("/open", []), ("/members", [Depends(member)])):
    router_app.include_router(sockets, prefix=prefix)
    router_app.include_router(pages, prefix=prefix, dependencies=guards)
