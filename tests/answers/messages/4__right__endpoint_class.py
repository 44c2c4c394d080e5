from starlette.endpoints import WebSocketEndpoint

limited_app = FastAPI()


@limited_app.websocket_route("/ws")
class Limited(WebSocketEndpoint):
    encoding = "text"

    async def on_receive(self, websocket, data):
        if len(bytearray(data, "utf8")) > 100:
            await websocket.close(1009)
        else:
            await websocket.send_text(data)
