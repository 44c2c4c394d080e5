class Surviving(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        try:
            for connection in list(self.active_connections):
                if connection is not sender:
                    await connection.send_text(text)
        except (WebSocketDisconnect, RuntimeError):
            pass


surviving_app = chat(Surviving())
