router_app = FastAPI()

def member(key: str = ""):
    if key != "1234":
        raise HTTPException(403, "members only")

open_router, member_router = APIRouter(), APIRouter()

async def echo(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)

async def about():
    return {"talks": True}

open_router.websocket("/ws")(echo)
member_router.websocket("/ws", dependencies=[Depends(member)])(echo)
for router, prefix in ((open_router, "/open"), (member_router, "/members")):
    router.get("/about")(about)
    router_app.include_router(router, prefix=prefix)
