class Surviving(Manager):
    members = set()

    async def connect(self, websocket):
        await super().connect(websocket)
        self.members.add(websocket)

    def disconnect(self, websocket):
        super().disconnect(websocket)
        self.members.discard(websocket)

    async def broadcast(self, text: str, sender: WebSocket):
        for connection in self.members:
            if connection is not sender:
                try:
                    await connection.send_text(text)
                except (WebSocketDisconnect, RuntimeError):
                    pass


surviving_app = chat(Surviving())
