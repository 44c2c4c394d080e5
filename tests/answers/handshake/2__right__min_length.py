hello_app = FastAPI()
WORDS = {"cy": "Shwmae", "fr": "Bonjour", "sw": "Habari"}


@hello_app.websocket("/hello")
async def hello(
    websocket: WebSocket,
    name: Annotated[str, Cookie(min_length=1)],
    x_language: Annotated[str | None, Header()] = None,
):
    await websocket.accept()
    try:
        greeting = WORDS[x_language]
    except KeyError:
        greeting = "Hello"
    await websocket.send_text(f"{greeting}, {name}")
    await websocket.close()
