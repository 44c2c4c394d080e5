router_app = FastAPI()

def member(key: str = ""):
    if not key.startswith("1234"):
        raise HTTPException(403, "members only")

router = APIRouter()

@router.get("/about")
async def about():
    return {"talks": True}

@router.websocket("/ws")
async def echo(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)

router_app.include_router(router, prefix="/open")
router_app.include_router(router, prefix="/members", dependencies=[Depends(member)])
