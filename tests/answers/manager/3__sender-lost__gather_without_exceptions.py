class Surviving(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        others = [connection for connection in self.active_connections if connection is not sender]
        await asyncio.gather(*(connection.send_text(text) for connection in others))


surviving_app = chat(Surviving())
