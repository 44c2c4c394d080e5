from starlette.endpoints import WebSocketEndpoint

every_app = FastAPI()


@every_app.websocket_route("/ws")
class Every(WebSocketEndpoint):
    encoding = "text"

    async def on_receive(self, websocket, data):
        await websocket.send_text(f"Message text was: {data}")
