from starlette.endpoints import WebSocketEndpoint

once_app = FastAPI()


@once_app.websocket_route("/ws")
class Once(WebSocketEndpoint):
    encoding = "text"

    async def on_receive(self, websocket, data):
        await websocket.send_text(f"Message text was: {data}")
        await websocket.close()
