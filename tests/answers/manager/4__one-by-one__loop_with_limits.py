class Bounded(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        for connection in list(self.active_connections):
            if connection is not sender:
                await self.send(connection, text)

    async def send(self, connection, text):
        try:
            async with asyncio.timeout(0.1):
                await connection.send_text(text)
        except TimeoutError:
            self.close_slow(connection)
        except (WebSocketDisconnect, RuntimeError):
            self.disconnect(connection)


bounded_app = chat(Bounded())
