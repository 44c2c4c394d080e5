class Bounded(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        others = [connection for connection in self.active_connections if connection is not sender]
        results = await asyncio.gather(*(asyncio.wait_for(one.send_text(text), 0.1) for one in others))
        for connection, result in zip(others, results):
            if isinstance(result, TimeoutError):
                self.close_slow(connection)


bounded_app = chat(Bounded())
