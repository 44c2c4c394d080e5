class Bounded(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        others = [connection for connection in self.active_connections if connection is not sender]
        sends = {asyncio.create_task(connection.send_text(text)): connection for connection in others}
        _, pending = await asyncio.wait(sends, timeout=0.1)
        for send in pending:
            send.cancel()
            self.close_slow(sends[send])


bounded_app = chat(Bounded())
