hello_app = FastAPI()
WORDS = {"cy": "Shwmae", "fr": "Bonjour", "sw": "Habari"}


@hello_app.websocket("/hello")
async def hello(websocket: WebSocket, name: str = Cookie(""), x_language: str = Header("none")):
    if name == "":
        raise WebSocketException(1008)
    await websocket.accept()
    await websocket.send_text("{}, {}".format(WORDS.get(x_language, "Hello"), name))
    await websocket.close()
