counter_app = FastAPI()
connected = []

class Counter(WebSocketEndpoint):
    async def on_connect(self, websocket):
        await websocket.accept()
        connected.append(self)
        self.texts = []

    async def on_receive(self, websocket, data):
        if isinstance(data, bytes):
            return await websocket.close(1003)
        self.texts.append(data)
        await websocket.send_text("text %d, %d here" % (len(self.texts), len(connected)))

    async def on_disconnect(self, websocket, close_code):
        connected.remove(self)

counter_app.router.add_websocket_route("/ws", Counter)
