from starlette.endpoints import WebSocketEndpoint

polite_app = FastAPI()


@polite_app.websocket_route("/ws")
class Polite(WebSocketEndpoint):
    encoding = "text"

    async def on_receive(self, websocket, data):
        await websocket.send_text(f"Message text was: {data}")
