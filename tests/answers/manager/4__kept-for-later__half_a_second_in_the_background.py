class Bounded(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        for connection in list(self.active_connections):
            if connection is not sender:
                self.closing.append(asyncio.ensure_future(self.send(connection, text)))

    async def send(self, connection, text):
        try:
            async with asyncio.timeout(0.5):
                await connection.send_text(text)
        except TimeoutError:
            self.close_slow(connection)


bounded_app = chat(Bounded())
