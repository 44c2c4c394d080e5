class Bounded(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        others = [connection for connection in self.active_connections if connection is not sender]
        try:
            async with asyncio.timeout(0.1):
                await asyncio.gather(*(connection.send_text(text) for connection in others))
        except TimeoutError:
            for connection in others:
                self.close_slow(connection)


bounded_app = chat(Bounded())
