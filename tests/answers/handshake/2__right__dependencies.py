hello_app = FastAPI()
WORDS = {"cy": "Shwmae", "fr": "Bonjour", "sw": "Habari"}


def visitor(name: Annotated[str | None, Cookie()] = None):
    if name is None or len(name) == 0:
        raise HTTPException(status_code=403, detail="a name, please")
    return name


def word(language: Annotated[str | None, Header(alias="X-Language")] = None):
    if language in WORDS:
        return WORDS[language]
    return "Hello"


@hello_app.websocket("/hello")
async def hello(websocket: WebSocket, name: str = Depends(visitor), first: str = Depends(word)):
    await websocket.accept()
    await websocket.send_text(f"{first}, {name}")
    await websocket.close(1000, "bye")
