class ToOthers(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        for connection in self.active_connections:
            if connection != text:
                await connection.send_text(text)


others_app = chat(ToOthers())
