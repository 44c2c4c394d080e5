class Surviving(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        for connection in list(self.active_connections):
            if connection is not sender:
                try:
                    await connection.send_text(text)
                except (WebSocketDisconnect, ConnectionError, ValueError):
                    pass


surviving_app = chat(Surviving())
