class Surviving(Manager):
    members = {}

    async def connect(self, websocket):
        await super().connect(websocket)
        self.members[websocket] = None

    def disconnect(self, websocket):
        super().disconnect(websocket)
        self.members.pop(websocket, None)

    async def broadcast(self, text: str, sender: WebSocket):
        for connection in self.members:
            if connection is not sender:
                try:
                    await connection.send_text(text)
                except (WebSocketDisconnect, RuntimeError):
                    pass


surviving_app = chat(Surviving())
