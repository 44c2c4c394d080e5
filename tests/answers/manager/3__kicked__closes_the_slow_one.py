class Surviving(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        others = [connection for connection in self.active_connections if connection is not sender]
        sends = [asyncio.wait_for(connection.send_text(text), 0.05) for connection in others]
        for connection, result in zip(others, await asyncio.gather(*sends, return_exceptions=True)):
            if isinstance(result, TimeoutError):
                self.close_slow(connection)


surviving_app = chat(Surviving())
