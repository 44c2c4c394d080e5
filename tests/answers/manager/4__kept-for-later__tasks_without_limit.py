class Bounded(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        for connection in self.active_connections:
            if connection is not sender:
                self.closing.append(asyncio.ensure_future(connection.send_text(text)))


bounded_app = chat(Bounded())
