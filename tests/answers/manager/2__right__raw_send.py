class ToOthers(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        for connection in filter(lambda one: id(one) != id(sender), tuple(self.active_connections)):
            await connection.send({"type": "websocket.send", "text": text})


others_app = chat(ToOthers())
