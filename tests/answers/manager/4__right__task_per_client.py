class Bounded(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        async with asyncio.TaskGroup() as group:
            for connection in self.active_connections:
                if connection is not sender:
                    group.create_task(self.deliver(connection, text))

    async def deliver(self, connection, text):
        try:
            await asyncio.wait_for(connection.send_text(text), timeout=0.1)
        except asyncio.TimeoutError:
            self.close_slow(connection)
        except Exception:
            pass


bounded_app = chat(Bounded())
