from starlette.endpoints import WebSocketEndpoint

strict_app = FastAPI()


@strict_app.websocket_route("/ws")
class Strict(WebSocketEndpoint):
    async def on_receive(self, websocket, data):
        if isinstance(data, bytes):
            await websocket.close(1003)
        else:
            await websocket.send_text(f"Message text was: {data}")
