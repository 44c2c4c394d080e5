from starlette.endpoints import WebSocketEndpoint

mirror_app = FastAPI()


@mirror_app.websocket_route("/ws")
class Mirror(WebSocketEndpoint):
    async def on_receive(self, websocket, data):
        if isinstance(data, str):
            await websocket.close(1003)
        else:
            await websocket.send_bytes(data)
