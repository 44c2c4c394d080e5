router_app = FastAPI()

def member(key: str = ""):
    if key != "1234":
        raise HTTPException(403, "members only")

async def echo(websocket: WebSocket):
    await websocket.accept()
    while (message := await websocket.receive())["type"] != "websocket.disconnect":
        await websocket.send({"type": "websocket.send", "text": message["text"]})

def routes():
    router = APIRouter()
    router.add_api_route("/about", lambda: {"talks": True})
    router.add_api_websocket_route("/ws", echo)
    return router

router_app.include_router(routes(), prefix="/open")
router_app.include_router(routes(), prefix="/members", dependencies=[Depends(member)])
