counter_app = FastAPI()

class Counter(WebSocketEndpoint):
    encoding = "text"
    present = set()

    async def on_connect(self, websocket):
        type(self).present.add(self)
        websocket.state.number = 0
        await websocket.accept()

    async def on_receive(self, websocket, data):
        websocket.state.number += 1
        await websocket.send_text(f"text {websocket.state.number}, {len(self.present)} here")

    async def on_disconnect(self, websocket, close_code):
        self.present.discard(self)

counter_app.router.add_websocket_route("/ws", Counter)
