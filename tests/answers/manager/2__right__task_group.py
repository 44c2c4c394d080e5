class ToOthers(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        async with asyncio.TaskGroup() as group:
            for connection in self.active_connections:
                if connection != sender:
                    group.create_task(connection.send_text(text))


others_app = chat(ToOthers())
