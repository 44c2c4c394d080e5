counter_app = FastAPI()
here = set()

class Counter(WebSocketEndpoint):
    encoding = "text"
    count = 0

    async def on_connect(self, websocket):
        here.add(self)
        await websocket.accept()

    async def on_receive(self, websocket, data):
        self.count += 1
        await websocket.send_text("text %d, %d here" % (self.count, len(here)))

    async def on_disconnect(self, websocket, close_code):
        here.discard(self)

counter_app.router.add_websocket_route("/ws", Counter)
