class ToOthers(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        self.active_connections.remove(sender)
        for connection in self.active_connections:
            await connection.send_text(text)


others_app = chat(ToOthers())
