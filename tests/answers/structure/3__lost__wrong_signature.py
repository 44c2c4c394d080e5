counter_app = FastAPI()

class Counter(WebSocketEndpoint):
    encoding = "text"
    here = 0

    async def on_connect(self, websocket):
        await websocket.accept()
        Counter.here += 1
        self.count = 0

    async def on_receive(self, websocket):
        self.count += 1
        await websocket.send_text(f"text {self.count}, {Counter.here} here")

    async def on_disconnect(self, websocket, close_code):
        Counter.here -= 1

counter_app.router.add_websocket_route("/ws", Counter)
