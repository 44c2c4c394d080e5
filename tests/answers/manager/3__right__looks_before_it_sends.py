class Surviving(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        for connection in tuple(self.active_connections):
            if connection is sender or connection not in self.active_connections:
                continue
            try:
                await connection.send_text(text)
            except (WebSocketDisconnect, RuntimeError):
                continue


surviving_app = chat(Surviving())
