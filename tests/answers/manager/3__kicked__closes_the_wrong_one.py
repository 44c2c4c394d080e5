class Surviving(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        for connection in list(self.active_connections):
            if connection is not sender:
                try:
                    await connection.send_text(text)
                except (WebSocketDisconnect, RuntimeError):
                    self.disconnect(connection)
                    last = self.active_connections[-2]
                    self.closing.append(asyncio.ensure_future(last.close()))


surviving_app = chat(Surviving())
