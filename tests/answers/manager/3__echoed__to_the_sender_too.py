class Surviving(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        for connection in list(self.active_connections):
            try:
                await connection.send_text(text)
            except (WebSocketDisconnect, RuntimeError):
                pass


surviving_app = chat(Surviving())
