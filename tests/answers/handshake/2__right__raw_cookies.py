hello_app = FastAPI()
WORDS = {"cy": "Shwmae", "fr": "Bonjour", "sw": "Habari"}


@hello_app.websocket("/hello")
async def hello(websocket: WebSocket):
    name = websocket.cookies.get("name")
    if not name:
        return await websocket.close()
    await websocket.accept()
    word = WORDS.get(websocket.headers.get("x-language"), "Hello")
    await websocket.send_text(word + ", " + name)
    await websocket.close()
