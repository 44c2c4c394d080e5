class Surviving(Manager):
    async def broadcast(self, text: str, sender: WebSocket):
        tasks = [asyncio.create_task(one.send_text(text)) for one in self.active_connections if one is not sender]
        if tasks:
            await asyncio.wait(tasks)
            for task in tasks:
                task.exception()


surviving_app = chat(Surviving())
