class ToOthers(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        for _ in range(2):
            for connection in self.active_connections:
                if connection is not sender:
                    await connection.send_text(text)


others_app = chat(ToOthers())
