class Bounded(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        others = [connection for connection in self.active_connections if connection is not sender]
        await asyncio.gather(*(self.send(connection, text) for connection in others))

    async def send(self, connection, text):
        try:
            async with asyncio.timeout(1):
                await connection.send_text(text)
        except TimeoutError:
            self.close_slow(connection)
        except (WebSocketDisconnect, RuntimeError):
            self.disconnect(connection)


bounded_app = chat(Bounded())
