class ToOthers(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        for connection in self.active_connections:
            if connection is not sender:
                await connection.send_text(text.replace('"', "'"))


others_app = chat(ToOthers())
